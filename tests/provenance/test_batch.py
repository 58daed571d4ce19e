"""The column contract: one name, one type, one owner; the only door back from DuckDB."""

from __future__ import annotations

import pyarrow as pa
import pytest

from provenance import batch
from provenance.errors import PlanError
from provenance.session import Session

IDS = pa.array([b"a" * 16, b"b" * 16], batch.DOC_ID)


def documents() -> pa.RecordBatch:
    return pa.record_batch([IDS], schema=batch.schema(["doc_id"]))


def test_every_column_has_one_name_and_a_description() -> None:
    assert all(name == column.name and column.doc for name, column in batch.COLUMNS.items())


def test_a_schema_keeps_the_contract_order_whatever_the_request() -> None:
    assert batch.schema(["text", "doc_id"]).names == ["doc_id", "text"]


def test_an_unknown_column_suggests_the_nearest() -> None:
    with pytest.raises(PlanError, match="did you mean 'n_tokens'"):
        batch.schema(["n_token"])


def test_appending_a_column_shares_the_buffers() -> None:
    given = documents()

    result = batch.append(given, {"n_chars": pa.array([1, None], pa.int64())})

    before, after = given.column("doc_id").buffers()[1], result.column("doc_id").buffers()[1]
    assert before.address == after.address


def test_a_type_that_drifts_is_refused() -> None:
    with pytest.raises(TypeError, match="column 'n_chars' is int64, not int32"):
        batch.append(documents(), {"n_chars": pa.array([1, 2], pa.int32())})


def test_a_null_in_a_column_without_nulls_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be null; 1 nulls given"):
        batch.append(documents(), {"decision": pa.array(["keep", None])})


def test_what_duckdb_loses_is_restored() -> None:
    schema = batch.schema(["doc_id", "tier", "decision", "first_seen"])
    with Session() as session:
        session.register("ids", pa.table({"doc_id": IDS}))
        result = session.table(
            "SELECT doc_id, 1::TINYINT AS tier, 'keep' AS decision,"
            " TIMESTAMPTZ '2020-01-01 00:00:00+00' AS first_seen FROM ids"
        )

    assert batch.restamp(result, schema).schema == schema


def test_a_result_without_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="the result lacks"):
        batch.restamp(pa.table({"doc_id": IDS}), batch.schema(["doc_id", "tier"]))


def test_a_null_from_duckdb_in_a_column_without_nulls_is_refused() -> None:
    with pytest.raises(ValueError, match="column 'tier' must not be null"):
        batch.restamp(pa.table({"tier": pa.array([None], pa.uint8())}), batch.schema(["tier"]))


def test_columns_of_detectors_stand_together_before_what_they_say() -> None:
    named = ["llr", "abstained_b", "text", "score_b", "score_a", "tokens_a", "evidence"]

    assert batch.schema(named).names == [
        "text", "evidence", "score_b", "abstained_b", "score_a", "tokens_a", "llr",
    ]  # fmt: skip


def test_columns_of_one_detector_have_the_contract_s_types() -> None:
    fields = batch.schema([column.name for column in batch.detected("lrr")])

    assert [str(field.type) for field in fields] == ["float", "int32", "float", "string"]
    assert batch.column("score_lrr") == batch.detected("lrr")[0]
    assert batch.column("score_") is None
