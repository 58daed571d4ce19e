"""Leaves: the fast columns and the plain rows say the same, whatever the table holds."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import batch as contract
from provenance.emit.leaves import LEAF_COLUMNS, leaf, leaf_value, leaves

SCHEMA = contract.schema(LEAF_COLUMNS)

ROW: dict[str, Any] = {
    "captured_at": datetime.datetime(2019, 1, 2, 3, 4, 5, 678, datetime.UTC),
    "content_hash": bytes(range(16)),
    "decision": "drop",
    "doc_id": bytes(15) + b"\xff",
    "duplicate_of": None,
    "epochs": 0,
    "n_tokens": 12,
    "p_synthetic": 0.25,
    "reasons": ["too_short", "duplicate"],
    "stratum": None,
    "tier": 3,
    "tier_reason": "unknown",
    "url": 'https://a.example/"ü"\\\n',
}

text = st.text(st.characters(exclude_categories=["Cs"]))
maybe = st.none()
rows = st.fixed_dictionaries(
    {
        "captured_at": maybe
        | st.datetimes(datetime.datetime(1000, 1, 1), timezones=st.just(datetime.UTC)),
        "content_hash": maybe | st.binary(min_size=16, max_size=16),
        "decision": st.sampled_from(["keep", "drop"]),
        "doc_id": st.binary(min_size=16, max_size=16),
        "duplicate_of": maybe | st.binary(min_size=16, max_size=16),
        "epochs": st.integers(0, 2**31 - 1),
        "n_tokens": maybe | st.integers(0, 2**53),
        "p_synthetic": st.floats(width=32, allow_nan=False, allow_infinity=False),
        "reasons": st.lists(text, max_size=3),
        "stratum": maybe | text,
        "tier": st.integers(0, 255),
        "tier_reason": maybe | text,
        "url": maybe | text,
    }
)


def table(given_rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(given_rows, schema=SCHEMA)


def test_a_leaf_is_the_documented_text() -> None:
    assert leaf(ROW).decode() == (
        '{"captured_at":"2019-01-02T03:04:05.000678Z",'
        '"content_hash":"000102030405060708090a0b0c0d0e0f","decision":"drop",'
        '"doc_id":"000000000000000000000000000000ff","duplicate_of":null,"epochs":0,'
        '"n_tokens":12,"p_synthetic":0.25,"reasons":["too_short","duplicate"],"stratum":null,'
        '"tier":3,"tier_reason":"unknown","url":"https://a.example/\\"ü\\"\\\\\\n"}'
    )


@settings(deadline=None)
@given(st.lists(rows, max_size=6), st.integers(0, 3))
def test_columns_give_what_rows_give(given_rows: list[dict[str, Any]], skip: int) -> None:
    batch = table(given_rows).slice(skip)

    assert leaves(batch) == [leaf(row) for row in batch.to_pylist()]


@settings(deadline=None)
@given(rows)
def test_a_leaf_reads_back_as_its_value(row: dict[str, Any]) -> None:
    (stored,) = table([row]).to_pylist()

    assert json.loads(leaf(stored), parse_int=float) == leaf_value(stored)


def test_items_are_never_confused_with_their_separator() -> None:
    one, two = {**ROW, "reasons": ['a","b']}, {**ROW, "reasons": ["a", "b"]}

    assert len(set(leaves(table([one, two])))) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_has_no_leaf(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        leaves(table([{**ROW, "p_synthetic": value}]))


def test_the_keys_are_sorted_and_every_one_is_a_column() -> None:
    assert list(LEAF_COLUMNS) == sorted(LEAF_COLUMNS)
    assert set(SCHEMA.names) == set(LEAF_COLUMNS)
