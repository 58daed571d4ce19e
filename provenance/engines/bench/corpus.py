"""Labels and groups of all texts of a bench, without the texts themselves.

Texts are told apart by a hash, so that each is scored once however often it stands in the files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.calibrate import LENGTHS
from provenance.emit.atomic import digest_file
from provenance.engines.bench import files
from provenance.engines.bench.layouts import Labelled, Labels, Layout, NamedColumns, layout_of
from provenance.errors import InputError, Problem
from provenance.text.language import detect

#: A text is read in pieces of so many rows.
BATCH_ROWS: Final = 1024
UNLABELLED: Final = -1

#: A word is what stands between spaces; where a script has none, each character. ASCII has none.
_WORD: Final = re.compile(
    r"[\u3041-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
    r"|[^\s\u3041-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the bench: where it is, how it is read, and its SHA-256 in hex."""

    path: Path
    layout: Layout
    digest: str


@dataclass(frozen=True, slots=True)
class Names:
    """One name per text: `names[codes[i]]` is that of text i."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    def where(self, name: str) -> NDArray[np.bool_]:
        """Which texts have the name."""
        return self.codes == (self.names.index(name) if name in self.names else -1)

    def within(self, chosen: NDArray[np.bool_]) -> list[str]:
        """The names that the chosen texts have, sorted."""
        return sorted(self.names[code] for code in np.unique(self.codes[chosen]))


@dataclass(frozen=True, slots=True)
class Corpus:
    """All texts, in the order of the files; n of them.

    ids: the benchmark's own. source: int16 [n], the number of its file. label: int8 [n], 1 = AI,
    0 = human, UNLABELLED. text: int64 [n], the number of the text among the `n_texts` distinct
    ones, which have `hashes`, uint64, sorted. unit: uint64 [n], equal for texts made of each other.
    n_words: int32 [n].
    """

    sources: tuple[Source, ...]
    ids: list[str]
    source: NDArray[np.int16]
    label: NDArray[np.int8]
    text: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    unit: NDArray[np.uint64]
    n_words: NDArray[np.int32]
    dataset: Names
    generator: Names
    domain: Names
    language: Names
    attack: Names
    length: Names

    @property
    def n_texts(self) -> int:
        return len(self.hashes)

    def batches(self) -> Iterator[tuple[NDArray[np.int64], list[str]]]:
        """Read the files again: numbers of texts, each text the first time alone, and the texts."""
        seen = np.zeros(self.n_texts, bool)
        for _, rows in _batches(self.sources):
            hashes = np.array([text_hash(row.text) for row in rows], np.uint64)
            numbers = np.searchsorted(self.hashes, hashes)
            first = [k for k in _first_places(numbers) if not seen[numbers[k]]]
            seen[numbers[first]] = True
            yield numbers[first], [rows[k].text for k in first]


def open_sources(
    given: Sequence[str | Path], *, columns: NamedColumns, labels: Labels
) -> tuple[Source, ...]:
    """The files, each with its layout. Raises InputError with all that is wrong with them."""
    found: list[Source] = []
    problems: list[Problem] = []
    for path in files.labelled_files(given):
        try:
            found.append(Source(path, layout_of(path, columns, labels), digest_file(path)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def read_corpus(
    sources: tuple[Source, ...], *, progress: Callable[[int], object] | None = None
) -> Corpus:
    """The corpus of the files. progress: called with the number of texts read since.

    Raises InputError with the first label or row that cannot be read.
    """
    columns = _Columns()
    for number, rows in _batches(sources):
        columns.add(number, rows)
        if progress:
            progress(len(rows))
    if not columns.ids:
        raise InputError(Problem("files", "hold no text"))
    return columns.corpus(sources)


def text_hash(text: str) -> int:
    """64 bits of BLAKE2b."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def length_name(n_words: int) -> str:
    """The bucket of a length: "under 50", "50-99", ..., "800 and more" words."""
    if n_words < LENGTHS[0][0]:
        return f"under {LENGTHS[0][0]}"
    last = LENGTHS[-1]
    low, high = next((pair for pair in LENGTHS if n_words <= pair[1]), last)
    return f"{low} and more" if high == last[1] else f"{low}-{high}"


def _batches(sources: Iterable[Source]) -> Iterator[tuple[int, list[Labelled]]]:
    """The number of a source, and some of its texts."""
    for number_of_source, source in enumerate(sources):
        rows = enumerate(files.rows(source.path, source.layout.columns))
        texts = (text for number, row in rows for text in source.layout.texts(number, row))
        while batch := list(islice(texts, BATCH_ROWS)):
            yield number_of_source, batch


def _first_places(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each number's first occurrence, in order."""
    return np.sort(np.unique(numbers, return_index=True)[1])


def _unit(row: Labelled) -> int:
    """Of the unit's name, or of the text without case and white space."""
    return text_hash(row.unit or "".join(row.text.casefold().split()))


def _n_words(text: str) -> int:
    return len(text.split()) if text.isascii() else len(_WORD.findall(text))


class _Columns:
    """Columns of the corpus, filled batch by batch."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._numbers: dict[str, list[NDArray[np.generic]]] = {}
        self._names: dict[str, dict[str, int]] = {}

    def add(self, source: int, rows: Sequence[Labelled]) -> None:
        """Put the rows of a batch below the others; source: place of their file among all."""
        self.ids += [row.id for row in rows]
        self._put("source", [source] * len(rows), np.int16)
        n_words = [_n_words(row.text) for row in rows]
        self._put(
            "label", [UNLABELLED if row.is_ai is None else int(row.is_ai) for row in rows], np.int8
        )
        self._put("hash", [text_hash(row.text) for row in rows], np.uint64)
        self._put("unit", [_unit(row) for row in rows], np.uint64)
        self._put("n_words", n_words, np.int32)
        self._name("language", _languages(rows))
        self._name("length", [length_name(n) for n in n_words])
        for key in ("dataset", "generator", "domain", "attack"):
            self._name(key, [getattr(row, key) for row in rows])

    def corpus(self, sources: tuple[Source, ...]) -> Corpus:
        """All rows that were added, every distinct text numbered."""
        numbers = {key: np.concatenate(parts) for key, parts in self._numbers.items()}
        hashes, text = np.unique(numbers["hash"], return_inverse=True)
        named = {key: Names(tuple(codes), numbers[key]) for key, codes in self._names.items()}
        return Corpus(
            sources=sources, ids=self.ids, source=numbers["source"], label=numbers["label"],
            text=text, hashes=hashes, unit=numbers["unit"], n_words=numbers["n_words"], **named,
        )  # fmt: skip

    def _put(self, key: str, values: Sequence[int], dtype: type[np.generic]) -> None:
        self._numbers.setdefault(key, []).append(np.array(values, dtype))

    def _name(self, key: str, values: Sequence[str]) -> None:
        codes = self._names.setdefault(key, {})
        self._put(key, [codes.setdefault(value, len(codes)) for value in values], np.int32)


def _languages(rows: Sequence[Labelled]) -> list[str]:
    unknown = [row.text for row in rows if row.language is None]
    detected = iter(detect(unknown))
    return [row.language or next(detected)[0] for row in rows]
