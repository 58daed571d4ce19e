"""A user's own human texts, read from any input, each with its language, domain and source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provenance.engines.request import check_file_names
from provenance.errors import InputError, Problem
from provenance.sources.columns import Columns, check_columns
from provenance.sources.inputs import list_inputs
from provenance.sources.limits import Limits
from provenance.sources.read import read_slice
from provenance.sources.slices import Slice, cut
from provenance.stages.extract import Extract
from provenance.text import language
from provenance.text.charset import decode

_SLICE_BYTES = 64 * 2**20
_BATCH = 256
#: The reader carries two strings of a row beside its text; here they are domain and language.
_CARRIED = {"domain": "url", "language": "id"}


@dataclass(frozen=True, slots=True)
class HumanText:
    """domain: "" = not stated. language: ISO 639-1, "und" = undetermined. source: the file."""

    text: str
    language: str
    domain: str
    source: str


class HumanTexts:
    """Iterates, once, over batches of texts; afterwards `rejects` has what could not be read.

    inputs: files, folders, globs and addresses of Parquet, JSON Lines, WARC and their kin, and
    plain text: a `.txt` file, or all of them in a folder. Raises InputError with every problem.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        text_column: str | None = None,
        language_column: str | None = None,
        domain_column: str | None = None,
    ) -> None:
        self.rejects: Counter[str] = Counter()
        self._columns = Columns(text=text_column, url=domain_column, id=language_column)
        self._has = {"domain": domain_column is not None, "language": language_column is not None}
        self._plain = [path for given in inputs for path in _plain_files(given)]
        others = [given for given in inputs if _holds_others(given)]
        self._slices: list[Slice] = self._cut(others) if others else []

    def __iter__(self) -> Iterator[list[HumanText]]:
        for part in self._slices:
            yield from self._rows(part)
        for start in range(0, len(self._plain), _BATCH):
            yield self._files(self._plain[start : start + _BATCH])

    def _cut(self, inputs: Sequence[str]) -> list[Slice]:
        files = list_inputs(inputs).files
        check_file_names(files)
        try:
            check_columns(files, self._columns)
        except InputError as error:
            raise InputError([_renamed(problem) for problem in error.problems]) from error
        return cut(files, slice_bytes=_SLICE_BYTES)

    def _rows(self, part: Slice) -> Iterator[list[HumanText]]:
        extract = Extract()
        for given in read_slice(part, columns=self._columns, batch_size=_BATCH):
            self.rejects.update(given.rejects.column("reason").to_pylist())
            if given.documents.num_rows:
                batch = extract(given.documents)
                self.rejects.update(filter(None, batch.column("no_text_reason").to_pylist()))
                names = ("text", "record_id", "url")
                rows = zip(*(batch.column(name).to_pylist() for name in names), strict=True)
                yield self._texts([(*row, part.name) for row in rows if row[0] is not None])

    def _files(self, paths: Sequence[Path]) -> list[HumanText]:
        rows = []
        for path in paths:
            with path.open("rb") as file:
                raw = file.read(Limits().record_bytes + 1)
            is_long = len(raw) > Limits().record_bytes
            text = None if is_long else decode(raw, content_type=None).text
            if text is None or not text.strip():
                self.rejects["record_too_large" if is_long else "empty_body"] += 1
            else:
                rows.append((text, None, None, path.parent.name))
        return self._texts(rows)

    def _texts(self, rows: Sequence[tuple[str, str | None, str | None, str]]) -> list[HumanText]:
        found = language.detect([text for text, *_ in rows])
        return [
            HumanText(
                text,
                (stated if self._has["language"] else None) or detected,
                (domain if self._has["domain"] else None) or "",
                source,
            )
            for (text, stated, domain, source), (detected, _) in zip(rows, found, strict=True)
        ]


def _plain_files(given: str) -> list[Path]:
    """The .txt files that were named, themselves or by their folder."""
    path = Path(given)
    if path.is_dir():
        return sorted(path.rglob("*.txt"))
    if path.suffix == ".txt" and not path.is_file():
        raise InputError(Problem(given, "does not exist"))
    return [path] if path.suffix == ".txt" else []


def _holds_others(given: str) -> bool:
    """Whether there is anything but .txt files in it."""
    path = Path(given)
    if path.is_dir():
        return any(one.is_file() and one.suffix != ".txt" for one in path.rglob("*"))
    return path.suffix != ".txt"


def _renamed(problem: Problem) -> Problem:
    """The problem in words of what was asked for."""
    what = problem.what
    for asked, carried in _CARRIED.items():
        what = what.removesuffix(f" for {carried}") + (
            f" for {asked}" if what.endswith(f" for {carried}") else ""
        )
    return replace(problem, what=what)
