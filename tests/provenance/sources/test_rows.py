"""Payloads as one Arrow column."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sources.records import Document
from provenance.sources.rows import Payloads, Rows, doc_id


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=50))), st.integers(0, 100))
def test_payloads_make_the_column_that_arrow_makes_of_them(
    values: list[bytes | None], capacity_bytes: int
) -> None:
    payloads = Payloads(capacity_bytes)
    for value in values:
        payloads.add(None if value is None else memoryview(value))
    column = payloads.array()

    column.validate(full=True)
    assert column.equals(pa.array(values, pa.large_binary()))
    assert payloads.n_bytes == sum(len(value or b"") for value in values)


def test_what_a_payload_is_a_view_of_is_free_once_it_is_added() -> None:
    member = np.zeros(1000, np.uint8)
    is_alive = weakref.ref(member)
    payloads = Payloads(10)
    payloads.add(memoryview(member)[5:])
    del member
    gc.collect()

    assert is_alive() is None
    assert payloads.array().to_pylist() == [bytes(995)]


def test_a_document_becomes_a_row_with_every_fact_in_its_column() -> None:
    rows = Rows("file:///a.warc", "a.warc", batch_size=4)
    rows.add(
        Document(
            7, memoryview(b"<p>page"), "text/html", {"content-type": "text/html", "server": "x"},
            "<urn:1>", "https://Site.example/page", 1_000_000, "length", "<urn:1>",
        )
    )  # fmt: skip

    assert rows.flush().documents.to_pylist() == [
        {
            "doc_id": doc_id("<urn:1>"),
            "source_uri": "file:///a.warc",
            "source_pos": 7,
            "record_id": "<urn:1>",
            "url": "https://Site.example/page",
            "host": "site.example",
            "captured_at": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
            "media_type": "text/html",
            "headers": [("content-type", "text/html"), ("server", "x")],
            "truncated": "length",
            "raw": b"<p>page",
        }
    ]


def test_a_collected_row_does_not_keep_its_member_in_memory() -> None:
    member = np.zeros(1000, np.uint8)
    is_alive = weakref.ref(member)
    rows = Rows("file:///a.warc", "a.warc", batch_size=4)
    rows.add(Document(0, memoryview(member)[5:], "text/plain", {}))
    del member
    gc.collect()

    assert is_alive() is None
