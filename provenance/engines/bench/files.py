"""Tables of labelled texts, read row by row: CSV, JSON Lines, Parquet; plain or compressed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from provenance.errors import InputError, Problem

Row = dict[str, Any]

ACCEPTED: Final = "Parquet, CSV, TSV or JSON Lines (.jsonl, .ndjson, .json); plain, .gz or .zst"
_READ_ROWS: Final = 1024
_CSV_BLOCK_BYTES: Final = 2**24  # a row must fit
_LINE_BYTES: Final = 2**26
_PACKED: Final = {".gz": "gzip", ".zst": "zstd"}
_KINDS: Final = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "tsv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip


def labelled_files(given: Sequence[str | Path]) -> list[Path]:
    """The files given, and those in the folders given, sorted within each.

    Raises InputError naming everything that is no such file.
    """
    found: list[Path] = []
    problems: list[Problem] = []
    for path in map(Path, given):
        inside = sorted(p for p in path.iterdir() if kind(p)) if path.is_dir() else [path]
        if path.is_dir() and not inside:
            problems.append(Problem(str(path), "holds no labelled file", accepted=ACCEPTED))
        for one in inside:
            if not one.is_file():
                problems.append(Problem(str(one), "does not exist"))
            elif kind(one) is None:
                problems.append(Problem(str(one), "is of no known format", accepted=ACCEPTED))
            found.append(one)
    if not given:
        problems.append(Problem("files", "none was given"))
    problems += [
        Problem(str(p), "is given twice") for p in sorted({p for p in found if found.count(p) > 1})
    ]
    if problems:
        raise InputError(problems)
    return found


def kind(path: Path) -> str | None:
    """ "parquet", "csv", "tsv" or "jsonl", by the name; None for anything else."""
    name = path.with_suffix("") if path.suffix in _PACKED else path
    return _KINDS.get(name.suffix.lower())


def stem(path: Path) -> str:
    """The file's name without its endings."""
    return (path.with_suffix("") if path.suffix in _PACKED else path).stem


def columns_of(path: Path) -> list[str]:
    """The names of the columns, of a JSON Lines file those of its first rows. Raises InputError."""
    if kind(path) == "parquet":
        with _Readable(path):
            return list(pq.read_schema(path).names)
    if kind(path) == "jsonl":
        return list(dict.fromkeys(chain.from_iterable(islice(_json_rows(path), _READ_ROWS))))
    with _Readable(path), _open_csv(path, None) as reader:
        return list(reader.schema.names)


def rows(path: Path, columns: Iterable[str]) -> Iterator[Row]:
    """The rows, each with those of `columns` that the file has; all of JSON Lines, null by default.

    Raises InputError, with the line.
    CSV values are strings, an empty one that is not quoted is null.
    """
    if kind(path) == "jsonl":
        yield from ({name: row.get(name) for name in columns} for row in _json_rows(path))
        return
    wanted = [name for name in columns_of(path) if name in set(columns)]
    with _Readable(path):
        yield from (
            _parquet_rows(path, wanted) if kind(path) == "parquet" else _csv_rows(path, wanted)
        )


def _parquet_rows(path: Path, columns: list[str]) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_READ_ROWS, columns=columns):
            yield from batch.to_pylist()


def _csv_rows(path: Path, columns: list[str]) -> Iterator[Row]:
    with _open_csv(path, columns) as reader:
        for batch in reader:
            for start in range(0, batch.num_rows, _READ_ROWS):
                yield from batch.slice(start, _READ_ROWS).to_pylist()


def _open_csv(path: Path, columns: list[str] | None) -> Any:
    options = pa.csv.ConvertOptions(
        include_columns=columns,
        strings_can_be_null=True,
        null_values=[""],
        quoted_strings_can_be_null=False,
    )
    if columns is not None:
        options.column_types = dict.fromkeys(columns, pa.string())
    return pa.csv.open_csv(
        pa.input_stream(str(path), compression=_PACKED.get(path.suffix)),
        read_options=pa.csv.ReadOptions(block_size=_CSV_BLOCK_BYTES),
        parse_options=pa.csv.ParseOptions(
            delimiter="\t" if kind(path) == "tsv" else ",", newlines_in_values=True
        ),
        convert_options=options,
    )


def _json_rows(path: Path) -> Iterator[Row]:
    with _Readable(path), pa.input_stream(str(path), compression=_PACKED.get(path.suffix)) as file:
        for number, line in enumerate(_lines(file, path), start=1):
            if line.strip():
                yield _object(line, f"{path}:{number}")


def _lines(file: Any, path: Path) -> Iterator[bytes]:
    rest = b""
    while piece := file.read(2**20):
        *ended, rest = (rest + piece).split(b"\n")
        yield from ended
        if len(rest) > _LINE_BYTES:
            raise InputError(Problem(str(path), f"has a line of more than {_LINE_BYTES:,} bytes"))
    yield rest


def _object(line: bytes, where: str) -> Row:
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            Problem(where, f"is no JSON: {error}"[:200], accepted="an object a line")
        ) from error
    if not isinstance(row, dict):
        raise InputError(Problem(where, f"is a {type(row).__name__}", accepted="an object a line"))
    return row


class _Readable:
    """Turns what Arrow and the system say of a file into an InputError that names it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, pa.ArrowException | OSError):
            raise InputError(Problem(str(self._path), f"cannot be read: {error}"[:300])) from error
