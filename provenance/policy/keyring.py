"""A keyring file -> a `Keyring`, or every problem in it at once, each with its line.

tokenizers:
  opt: opt_tokenizer                 # tokenizer.json or its folder, beside this file
nulls: nulls.json                    # what `provenance keyring fit` wrote; may be left out
watermarks:
  - {name: ours, scheme: synthid, tokenizer: opt, keys: [654, 400, 836], tables: [cpu, cuda]}
  - {name: demo, scheme: kgw, tokenizer: opt, vocab_size: 50272, key: 15485863}
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from detectors.watermark import SCHEMES
from detectors.watermark.detector import Tokenize, Watermark
from detectors.watermark.seeding import NAMES
from provenance.errors import InputError, Problem, nearest
from provenance.evidence.watermarks import Combination, Keyring
from provenance.policy import keyring_model
from provenance.policy.document import LIMIT_BYTES, Document, read
from provenance.policy.document import Path as Place
from provenance.policy.keyring_model import KeyringFile, Watermarked
from provenance.policy.keyring_nulls import fingerprint, read_nulls
from provenance.text.tokens import load_tokenizer


def load_keyring(path: Path, *, digest: str | None = None) -> Keyring:
    """The keyring in the file at `path`. Raises InputError with every problem found.

    digest: what the keyring must still be.
    """
    keyring = _load(path, with_nulls=True)
    if digest not in (None, keyring.digest):
        raise InputError(
            Problem(str(path), "the keyring, or a file that it names, has changed since the plan")
        )
    return keyring


def load_keys(path: Path) -> Keyring:
    """The keyring in the file at `path` without its nulls, which may not be there yet."""
    return _load(path, with_nulls=False)


def _load(path: Path, *, with_nulls: bool) -> Keyring:
    content = _bytes(path)
    document = read(_decoded(path, content))
    problems = [Problem(f"{path}:{fault.line}", fault.what) for fault in document.faults]
    parsed = _parsed(path, document, problems)
    if parsed is None:
        raise InputError(problems)
    loaded = {
        name: _tokenizer(f"{path}:{document.line(('tokenizers', name))}", path.parent / given,
                         problems)
        for name, given in parsed.tokenizers.items()
    }  # fmt: skip
    combinations = list(_combinations(path, document, parsed.watermarks, loaded, problems))
    fitted = None
    if with_nulls and parsed.nulls is not None:
        fitted = _Nulls(f"{path}:{document.line(('nulls',))}", path.parent / parsed.nulls)
        combinations = fitted.given_to(combinations, problems)
    if problems:
        raise InputError(problems)
    found = {name: one for name, one in loaded.items() if one is not None}
    digest = hashlib.sha256(content)
    for name in sorted(found):
        digest.update(hashlib.sha256(found[name].content).digest())
    if fitted is not None:
        digest.update(bytes.fromhex(fitted.digest))
    used = {one.tokenizer for one in combinations}
    tokenizers = {name: found[name] for name in sorted(used)}
    return Keyring(tokenizers, tuple(combinations), digest.hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise InputError(
            Problem("keyring", f"cannot read {str(path)!r}: {error.strerror}")
        ) from error
    if len(content) > LIMIT_BYTES:
        raise InputError(Problem(str(path), f"larger than {LIMIT_BYTES // 1024} KiB"))
    return content


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Problem(f"{path}:{line}", "not UTF-8")) from error


class _Tokenizer:
    """Texts to ids, by the tokenizer in `file`."""

    def __init__(self, file: Path, loaded: Any) -> None:
        self.content = file.read_bytes()
        self.size: int = loaded.get_vocab_size()
        self._loaded = loaded

    def __call__(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        encodings = self._loaded.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(encoding.ids, dtype=np.int64) for encoding in encodings]


class _Nulls:
    """The nulls in the file at `path`."""

    def __init__(self, where: str, path: Path) -> None:
        self._where, self._path = where, path
        self.digest = ""

    def given_to(
        self, combinations: Sequence[Combination], problems: list[Problem]
    ) -> list[Combination]:
        """Every combination with its null; those that have none go to `problems`."""
        try:
            nulls, self.digest = read_nulls(self._path, where=self._where)
        except InputError as error:
            problems.extend(error.problems)
            return list(combinations)
        problems += [
            Problem(self._where, f"{str(self._path)!r} has no null of {str(one)!r} as it is now",
                    "what `provenance keyring fit` writes for this keyring")
            for one in combinations if one.fingerprint not in nulls
        ]  # fmt: skip
        return [replace(one, nulls=nulls.get(one.fingerprint)) for one in combinations]


def _tokenizer(where: str, path: Path, problems: list[Problem]) -> _Tokenizer | None:
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        return _Tokenizer(file, load_tokenizer(file, where=where))
    except InputError as error:
        problems.extend(error.problems)
        return None


def _combinations(
    path: Path,
    document: Document,
    entries: Sequence[Watermarked],
    tokenizers: Mapping[str, _Tokenizer | None],
    problems: list[Problem],
) -> Iterator[Combination]:
    """Every key with every table; what does not fit together goes to `problems`."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        place: Place = ("watermarks", index)
        found = [*_clashes(entry, tokenizers, seen)]
        seen.setdefault(entry.name, document.line((*place, "name")))
        problems += [
            Problem(f"{path}:{document.line((*place, key))}", what, accepted, suggestion)
            for key, what, accepted, suggestion in found
        ]
        tokenize = tokenizers.get(entry.tokenizer)
        if tokenize is None:
            continue
        try:
            for name, parameters in entry.variants():
                detector = _detector(entry, tokenize, parameters)
                mark = fingerprint(detector, parameters, tokenize.content)
                yield Combination(name, entry.tokenizer, detector, mark)
        except ValueError as error:
            problems.append(Problem(f"{path}:{document.line(place)}", str(error)))


def _clashes(
    entry: Watermarked, tokenizers: Mapping[str, _Tokenizer | None], seen: Mapping[str, int]
) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Key, fault, accepted and suggestion of what no single value shows."""
    if entry.name in seen:
        yield "name", f"{entry.name!r} is given twice; first on line {seen[entry.name]}", None, None
    if entry.tokenizer not in tokenizers:
        yield (
            "tokenizer",
            f"no tokenizer is called {entry.tokenizer!r}",
            ", ".join(tokenizers),
            nearest(entry.tokenizer, tokenizers),
        )
        return
    tokenizer, size = tokenizers[entry.tokenizer], getattr(entry, "vocab_size", None)
    if tokenizer is not None and size is not None and size < tokenizer.size:
        yield (
            "vocab_size",
            f"{size} is less than the {tokenizer.size} tokens of {entry.tokenizer!r}",
            "the size of the generating model's vocabulary",
            None,
        )


def _detector(entry: Watermarked, tokenize: Tokenize, parameters: Mapping[str, Any]) -> Watermark:
    module, _, name = SCHEMES[entry.scheme].partition(":")
    detector: Watermark = getattr(import_module(module), name)(tokenize, **parameters)
    return detector


# -- the shape: keys, types, ranges -----------------------------------------------------------


def _parsed(path: Path, document: Document, problems: list[Problem]) -> KeyringFile | None:
    if document.root is None:
        if not problems:
            problems.append(Problem(str(path), "the keyring is empty"))
        return None
    try:
        return KeyringFile.model_validate(document.root)
    except ValidationError as error:
        problems += [_problem(path, one, document) for one in error.errors(include_url=False)]
        return None


def _problem(path: Path, detail: ErrorDetails, document: Document) -> Problem:
    # pydantic names the scheme after the index of a union's member: no key of the file.
    loc = detail["loc"]
    place = loc[:2] + loc[3:] if loc[:1] == ("watermarks",) and len(loc) > 3 else loc
    where, shown = f"{path}:{document.line(place)}", _dotted(place)
    match detail["type"]:
        case "extra_forbidden":
            accepted = _accepted(loc)
            what = f"unknown key {place[-1]!r}"
            return Problem(where, what, ", ".join(accepted), nearest(str(place[-1]), accepted))
        case "missing":
            return Problem(where, f"{_dotted(place[:-1])} lacks the key {place[-1]!r}")
        case "union_tag_invalid" | "union_tag_not_found":
            given = detail["input"].get("scheme") if isinstance(detail["input"], dict) else None
            close = nearest(str(given), SCHEMES)
            return Problem(where, f"unknown scheme {given!r}", ", ".join(SCHEMES), close)
        case "value_error" if place[-1] == "seeding":
            given = str(detail["input"])
            what = f"unknown seeding {given!r}"
            return Problem(where, what, ", ".join(NAMES), nearest(given, NAMES))
        case "model_attributes_type" | "model_type" | "dict_type":
            return Problem(where, f"{shown} is {detail['input']!r:.60}: it should be a mapping")
    what = detail["msg"].replace("Input should", "it should")
    return Problem(where, f"{shown} is {detail['input']!r:.60}: {what}")


def _accepted(loc: Place) -> list[str]:
    if loc[:1] == ("watermarks",) and len(loc) > 3:
        return list(keyring_model.SCHEMES[str(loc[2])].model_fields)
    return list(KeyringFile.model_fields)


def _dotted(place: Place) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the keyring"
