"""The plain twins of the compiled kernels: loops over Python objects, float64, obviously right."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MASK: Final = (1 << 64) - 1
_QUOTES: Final = "'\""
_SPACES: Final = " *#_|<>~^=\\`\x7f" + "".join(map(chr, range(32)))
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u10bf\u1780-\u17ff\u3000-\u9fff\U00020000-\U00033fff"
_MARKS: Final = "".join(
    re.escape(chr(code))
    for code in range(33, 127)
    if not chr(code).isalnum() and chr(code) not in _SPACES + _QUOTES
)
_TOKEN: Final = re.compile(
    f"(?P<unspaced>[{_UNSPACED}])"
    f"|(?P<quotes>[{_QUOTES}]+)"
    f"|(?P<marks>([{_MARKS}])\\4*)"
    f"|(?P<word>(?:[A-Za-z0-9]|[^\x00-\x7f{_UNSPACED}])"
    f"(?:'(?=[A-Za-z])|[A-Za-z0-9]|[^\x00-\x7f{_UNSPACED}])*)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token in canonical form: digits of a run as one 0, a run of marks as one mark."""

    form: bytes
    is_word: bool
    n_characters: int


def tokenize(data: bytes) -> list[Token]:
    """The tokens of valid UTF-8, in order."""
    return [_token(match) for match in _TOKEN.finditer(data.decode("utf-8"))]


def _token(match: re.Match[str]) -> Token:
    kind, raw = match.lastgroup, match[0]
    if kind == "quotes":
        return Token(b"'", is_word=False, n_characters=1)
    if kind == "marks":
        return Token(raw[0].encode(), is_word=False, n_characters=1)
    return Token(re.sub("[0-9]+", "0", raw).encode(), is_word=True, n_characters=len(raw))


def mix(key: int) -> int:
    """The 64-bit finaliser of MurmurHash3."""
    key ^= key >> 33
    key = key * 0xFF51AFD7ED558CCD & _MASK
    key ^= key >> 33
    key = key * 0xC4CEB9FE1A85EC53 & _MASK
    return key ^ (key >> 33)


def token_hash(form: bytes) -> int:
    """FNV-1a, 64 bits."""
    key = 0xCBF29CE484222325
    for byte in form:
        key = (key ^ byte) * 0x100000001B3 & _MASK
    return key


def bucket(key: int, *, family: int, n_buckets: int) -> int:
    """The bucket of a key; families are hashed apart."""
    return mix(key ^ (family * 0x9E3779B97F4A7C15 & _MASK)) % n_buckets


def word_buckets(tokens: Sequence[Token], *, sizes: Sequence[int], n_buckets: int) -> Counter[int]:
    """How often each bucket is hit by n-grams of tokens, for every n in `sizes`."""
    hashes = [token_hash(token.form) for token in tokens]
    counts: Counter[int] = Counter()
    for size in sizes:
        for i in range(len(hashes) - size + 1):
            key = 0
            for value in hashes[i : i + size]:
                key = mix(key ^ value)
            counts[bucket(key, family=size, n_buckets=n_buckets)] += 1
    return counts


def character_buckets(tokens: Sequence[Token], *, size: int, n_buckets: int) -> Counter[int]:
    """How often each bucket is hit by n-grams of `size` bytes of the spaced tokens."""
    form = b" " + b"".join(token.form + b" " for token in tokens)
    keys = (int.from_bytes(form[i : i + size], "big") for i in range(len(form) - size + 1))
    return Counter(bucket(key, family=16, n_buckets=n_buckets) for key in keys)


def unit_weights(counts: Counter[int]) -> dict[int, float]:
    """1 + ln(count) for each bucket, scaled to unit Euclidean length."""
    raw = {place: 1.0 + math.log(count) for place, count in counts.items()}
    length = math.sqrt(math.fsum(weight * weight for weight in raw.values()))
    return {place: weight / length for place, weight in raw.items()}


@dataclass(frozen=True, slots=True)
class TokenTwin:
    """Statistics of one predicted token; natural logarithms."""

    log_likelihood: float
    rank: int
    entropy: float
    top1: float
    variance: float


def log_softmax(logits: Sequence[float]) -> list[float]:
    """ln of the softmax."""
    top = max(logits)
    log_mass = top + math.log(math.fsum(math.exp(x - top) for x in logits))
    return [x - log_mass for x in logits]


def token_statistics(logits: Sequence[float], target: int) -> TokenTwin:
    """Statistics of one token under the model's distribution."""
    log_p = log_softmax(logits)
    mean, variance = cross_moments(logits, logits)
    return TokenTwin(
        log_likelihood=log_p[target],
        rank=1 + sum(x > logits[target] for x in logits),
        entropy=-mean,
        top1=max(log_p),
        variance=variance,
    )


def cross_moments(sampling: Sequence[float], scoring: Sequence[float]) -> tuple[float, float]:
    """Mean and variance of the scoring model's log-likelihood of a token of the sampling model."""
    weights = [math.exp(x) for x in log_softmax(sampling)]
    values = log_softmax(scoring)
    mean = math.fsum(w * x for w, x in zip(weights, values, strict=True))
    return mean, math.fsum(w * (x - mean) ** 2 for w, x in zip(weights, values, strict=True))


def combined(
    row: Sequence[tuple[float, float, float]],
    beta: Sequence[float],
    covariance: Sequence[Sequence[float]],
    limit: float,
) -> tuple[float, float, float]:
    """Ratio, lower and upper bound of one text. row: (llr, low, high) of each detector."""
    design = [1.0, *(llr for llr, _, _ in row)]
    middle = math.fsum(b * x for b, x in zip(beta, design, strict=True))
    variance = math.fsum(
        x * covariance[i][j] * y for i, x in enumerate(design) for j, y in enumerate(design)
    )
    doubt = 1.959963984540054 * math.sqrt(max(0.0, variance))
    below = math.fsum(w * (llr - low) for w, (llr, low, _) in zip(beta[1:], row, strict=True))
    above = math.fsum(w * (high - llr) for w, (llr, _, high) in zip(beta[1:], row, strict=True))
    bounds = (middle, middle - math.hypot(doubt, below), middle + math.hypot(doubt, above))
    least, centre, most = (min(limit, max(-limit, x)) for x in (bounds[1], bounds[0], bounds[2]))
    return centre, least, most


def new_source_rate(counts: Sequence[tuple[int, int]], quantile: float) -> float:
    """Upper limit of a new source's rate. counts: (texts above, texts) of each source."""
    logits = [math.log((k + 0.5) / (n - k + 0.5)) for k, n in counts]
    chance = [1 / (k + 0.5) + 1 / (n - k + 0.5) for k, n in counts]
    inverse = [1 / v for v in chance]
    fixed = math.fsum(w * y for w, y in zip(inverse, logits, strict=True)) / math.fsum(inverse)
    q = math.fsum(w * (y - fixed) ** 2 for w, y in zip(inverse, logits, strict=True))
    scale = math.fsum(inverse) - math.fsum(w * w for w in inverse) / math.fsum(inverse)
    between = max(0.0, (q - (len(counts) - 1)) / scale)
    weights = [1 / (v + between) for v in chance]
    mean = math.fsum(w * y for w, y in zip(weights, logits, strict=True)) / math.fsum(weights)
    limit = mean + quantile * math.sqrt(between + 1 / math.fsum(weights))
    return 1 / (1 + math.exp(-limit))
