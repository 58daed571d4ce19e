"""Which field of a row (JSON object or Parquet row) is which column, and whether it is there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from provenance.errors import InputError, Problem, nearest
from provenance.sources.codecs import codec
from provenance.sources.heads import begins_line
from provenance.sources.inputs import InputFile
from provenance.sources.limits import Limits
from provenance.sources.members import Members, plain_pieces
from provenance.sources.open import ByteSource, open_source

#: Field names of C4, Dolma, FineWeb and their kin; a dot goes into a nested object. `created` and
#: the like are claims of the page, so they are no capture date.
RECOGNISED: dict[str, tuple[str, ...]] = {
    "text": ("text", "content", "raw_content"),
    "url": ("url", "metadata.url", "metadata.WARC-Target-URI"),
    "captured_at": ("timestamp", "date", "added"),
    "id": ("id", "record_id"),
    "record_id": (),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The field behind each column; None = recognise it.

    id becomes record_id. A field named as record_id does too, and doc_id is the hash of it, so
    that it must be unique over all inputs; otherwise doc_id is that of the file and position.
    """

    text: str | None = None
    url: str | None = None
    captured_at: str | None = None
    id: str | None = None
    record_id: str | None = None

    def candidates(self, column: str) -> tuple[str, ...]:
        """The field names to try for `column`, best first."""
        given = getattr(self, column)
        return (given,) if given else RECOGNISED[column]

    def named(self) -> dict[str, str]:
        """The fields that were asked for by name, by column."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {column: name for column, name in given.items() if name}


#: So much of a JSON Lines file is looked at for its fields.
LOOK_BYTES = 2**20


def check_columns(files: Iterable[InputFile], columns: Columns) -> None:
    """Raises InputError with every file that lacks a column asked for, or any text column, or
    holds one of a type we cannot read. Looks at schemas and first lines only; a file that cannot
    be read is left to the reader, which reports it."""
    problems: list[Problem] = []
    for file in files:
        if file.format in ("jsonl", "parquet"):
            with open_source(file.uri) as source:
                types = (
                    _parquet_types(source)
                    if file.format == "parquet"
                    else _json_types(source, file.compression)
                )
            if types:
                problems += column_problems(file.uri, types, columns)
    if problems:
        raise InputError(problems)


def column_problems(uri: str, types: dict[str, str], columns: Columns) -> list[Problem]:
    """What is wrong with asking for `columns` of a file whose fields have these `types`.

    types: field name, dotted where nested, to the name of its kind.
    """
    named = columns.named()
    problems = [
        Problem(
            uri,
            f"no column {name!r} for {column}",
            accepted=", ".join(types),
            suggestion=nearest(name, types),
        )
        for column, name in named.items()
        if name not in types
    ]
    texts = [name for name in columns.candidates("text") if name in types]
    if "text" not in named and not texts:
        suggestion = nearest("text", types)
        what = "no text column: say which it is"
        problems.append(Problem(uri, what, accepted=", ".join(types), suggestion=suggestion))
    for name in texts[:1]:
        if types[name] not in ("string", "null"):
            problems.append(Problem(uri, f"column {name!r} is {types[name]}, not text"))
    return problems


def _parquet_types(source: ByteSource) -> dict[str, str]:
    try:
        schema = pq.ParquetFile(source.file, pre_buffer=False).schema_arrow
    except (pa.ArrowException, OSError):
        return {}
    return field_types(schema)


def field_types(schema: pa.Schema) -> dict[str, str]:
    """Each column's type, one level into structs; text of any Arrow kind is "string"."""
    types: dict[str, str] = {}
    for field in schema:
        types[field.name] = _type_name(field.type)
        if pt.is_struct(field.type):
            types |= {f"{field.name}.{inner.name}": _type_name(inner.type) for inner in field.type}
    return types


def _type_name(kind: pa.DataType) -> str:
    if pt.is_dictionary(kind):
        kind = kind.value_type
    is_text = pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind)
    return "string" if is_text else str(kind)


def _json_types(source: ByteSource, compression: str) -> dict[str, str]:
    """The fields of the first lines that are objects; a field of several types is "string" when
    one of them is."""
    types: dict[str, str] = {}
    for line in _first_lines(source, compression):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            for name, value in _flat(row):
                if types.get(name) != "string":
                    types[name] = _json_type(value)
    return types


def _flat(row: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in row.items():
        yield name, value
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    return "string" if isinstance(value, str) else type(value).__name__


def _first_lines(source: ByteSource, compression: str) -> list[bytes]:
    chosen = codec(compression, source)
    pieces = (
        Members(source, chosen, 0, begins=begins_line, limits=Limits())
        if chosen
        else plain_pieces(source, 0)
    )
    data = b""
    for piece in pieces:
        data += piece.data
        if len(data) > LOOK_BYTES or piece.fault is not None:
            break
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return lines[:100] if len(lines) == 1 else lines[:-1][:100]
