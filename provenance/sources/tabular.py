"""Rows that already hold text, as documents that need no extraction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from provenance.errors import InputError
from provenance.sources.addresses import instant_us, moment_us
from provenance.sources.columns import Columns, column_problems, field_types
from provenance.sources.pages import TEXT_HEADERS
from provenance.sources.records import Document, Reject
from provenance.sources.rows import Rows
from provenance.sources.unicode import encoded


def from_arrow(
    batch: pa.RecordBatch, columns: Columns, *, name: str, first_row: int
) -> pa.RecordBatch:
    """The source columns of `batch`, row for row; `raw` is null where there is no text.

    name: stands for the file in source_uri and doc_id. first_row: the position of the first row.
    Raises InputError when there is no text column.
    """
    problems = column_problems(name, field_types(batch.schema), columns)
    if problems:
        raise InputError(problems)
    rows = Rows(name, name, batch_size=batch.num_rows)
    for position, row in enumerate(batch.to_pylist(), start=first_row):
        document = text_document(position, row, columns)
        if isinstance(document, Reject):
            document = Document(
                position, None, "text/plain", TEXT_HEADERS, document.record_id, document.url
            )
        rows.add(document)
    return rows.flush().documents


def pick(row: Mapping[str, Any], candidates: tuple[str, ...]) -> Any:
    """The first candidate's value that is there and not null."""
    for path in candidates:
        value = row.get(path)
        if value is None and "." in path:
            outer, _, inner = path.partition(".")
            nested = row.get(outer)
            value = pick(nested, (inner,)) if isinstance(nested, Mapping) else None
        if value is not None:
            return value
    return None


def text_document(position: int, row: Mapping[str, Any], columns: Columns) -> Document | Reject:
    """The row's text as a document that needs no extraction, or why there is none."""
    text = pick(row, columns.candidates("text"))
    url = _string(pick(row, columns.candidates("url")))
    identity = _string(pick(row, columns.candidates("record_id")))
    record_id = identity or _string(pick(row, columns.candidates("id")))
    if text is None:
        return Reject(position, "no_text_field", None, record_id, url)
    if not isinstance(text, str):
        return Reject(position, "text_not_string", type(text).__name__, record_id, url)
    if not text.strip():
        return Reject(position, "empty_body", None, record_id, url)
    return Document(
        position,
        encoded(text),
        "text/plain",
        TEXT_HEADERS,
        record_id=record_id,
        url=url,
        captured_us=_instant(pick(row, columns.candidates("captured_at"))),
        identity=identity,
    )


def _string(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _instant(value: Any) -> int | None:
    if isinstance(value, str):
        return instant_us(value)
    return moment_us(value) if isinstance(value, datetime | date) else None
