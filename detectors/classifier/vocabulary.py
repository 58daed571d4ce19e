"""The encoder's vocabulary: words that many sources use, and vectors to begin training with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.classifier.examples import Example
from detectors.classifier.linear import scored_form_bytes
from detectors.kernels.tokens import canonical_byte
from detectors.kernels.words import Reader
from detectors.language_model import LanguageModel

_NO_WORDS: Final = np.empty(0, np.uint64)


@dataclass(slots=True)
class _Use:
    word: bytes
    n_texts: int = 0
    groups: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by their hash, ascending. hashes: uint64 [n]; words: their canonical form."""

    hashes: NDArray[np.uint64]
    words: tuple[str, ...]

    @classmethod
    def of(cls, examples: Iterable[Example], *, size: int, min_groups: int) -> Vocabulary:
        """The `size` words in most texts, of those that at least `min_groups` groups use.

        A word of one source alone is a name or a topic: it must not carry a label.
        """
        uses = _uses(examples)
        shared = [(key, use) for key, use in uses.items() if len(use.groups) >= min_groups]
        shared.sort(key=lambda item: (-item[1].n_texts, item[0]))
        chosen = sorted((key, use.word.decode("utf-8", "replace")) for key, use in shared[:size])
        hashes = np.array([key for key, _ in chosen], np.uint64)
        return cls(hashes, tuple(word for _, word in chosen))


def _uses(examples: Iterable[Example]) -> dict[int, _Use]:
    reader = Reader(_NO_WORDS)
    uses: dict[int, _Use] = {}
    for example in examples:
        form = scored_form_bytes(example.text)
        tokens = reader.tokens(form)
        hashes, at = np.unique(tokens.hashes, return_index=True)
        for key, i in zip(hashes.tolist(), at.tolist(), strict=True):
            use = uses.get(key)
            if use is None:
                use = uses[key] = _Use(_canonical(form, int(tokens.starts[i]), int(tokens.ends[i])))
            use.n_texts += 1
            use.groups.add(example.group)
    return uses


def _canonical(form: bytes, start: int, end: int) -> bytes:
    data = np.frombuffer(form, np.uint8)
    found = (canonical_byte(data, at, start) for at in range(start, end))
    return bytes(byte for byte in found if byte >= 0)


def first_vectors(words: Sequence[str], model: LanguageModel, *, width: int) -> NDArray[np.float32]:
    """Vectors of words to begin training with, float32 [n, width], of unit mean square.

    Each is the mean of the language model's own vectors of the word's tokens (input and output
    embeddings are one table in small models), on the leading principal axes of all words.
    """
    table = model.head.weight.float().cpu().numpy()
    ids = model.encode([f" {word}" for word in words])
    means = np.stack([table[one].mean(axis=0) for one in ids])
    centred = means - means.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :width]
    vectors = centred @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(width)]))
    return (vectors / np.sqrt((vectors**2).mean())).astype(np.float32)
