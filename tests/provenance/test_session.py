"""The DuckDB border: parameters, predicates that reach nothing, and no traces left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance import batch
from provenance.errors import RunError
from provenance.session import Session, predicate_faults

COLUMNS = batch.schema(["n_chars", "tier", "url"])


@pytest.mark.parametrize(
    "predicate", ["n_chars < 200", "tier IN (2, 3) AND url LIKE '%.org'", "NULL", "not (tier = 1)"]
)
def test_a_condition_over_documented_columns_is_right(predicate: str) -> None:
    assert predicate_faults(COLUMNS, [predicate]) == [None]


@pytest.mark.parametrize(
    ("predicate", "fault"),
    [
        ("n_char < 200", 'Referenced column "n_char" not found'),
        ("n_chars", "a predicate must be true or false; this is BIGINT"),
        ("n_chars < ", "syntax error"),
        ("true) OR (false", "syntax error"),
        ("true, false", "single expression"),
        ("true; DROP TABLE columns", "more than one statement"),
        ("EXISTS (SELECT * FROM read_csv('/etc/hostname'))", "disabled by configuration"),
        ("nosuch(url)", "does not exist"),
    ],
)
def test_anything_else_is_named(predicate: str, fault: str) -> None:
    (right, wrong) = predicate_faults(COLUMNS, ["n_chars < 200", predicate])

    assert right is None
    assert fault in (wrong or "")


def test_a_users_expression_cannot_end_the_statement() -> None:
    with Session() as session:
        session.run("CREATE TABLE documents AS SELECT 1 AS n")

        with pytest.raises(ValueError, match="rule"):
            session.project(
                "documents", "ruled", {"rule": "n = 1) FROM documents; DROP TABLE documents; --"}
            )

        assert session.row("SELECT n FROM documents") == (1,)


def test_expressions_become_columns() -> None:
    with Session() as session:
        session.run("CREATE TABLE documents AS SELECT 1 AS n")
        session.project("documents", "ruled", {"small": "n < 2", "large": "n > 2"})

        assert session.row("SELECT * FROM ruled") == (1, True, False)


def test_a_statement_reads_expressions_that_are_never_stored() -> None:
    with Session() as session:
        session.view("documents", "SELECT unnest($values) AS n", values=[1, 2])

        session.run_over(
            "CREATE TABLE kept AS SELECT n FROM ruled WHERE large AND n < $below",
            view="ruled", source="documents", columns={"large": "n > 1"}, below=3,
        )  # fmt: skip

        assert session.rows("SELECT n FROM kept") == [(2,)]


def test_a_value_that_an_expression_cannot_take_is_named() -> None:
    with Session() as session:
        session.run("CREATE TABLE documents AS SELECT 'x' AS lang")

        with pytest.raises(ValueError, match="Could not convert string 'x'"):
            session.run_over(
                "CREATE TABLE kept AS FROM ruled",
                view="ruled", source="documents", columns={"odd": "CAST(lang AS INTEGER) > 3"},
            )  # fmt: skip


def test_the_scratch_folder_goes_with_the_session(tmp_path: Path) -> None:
    with Session(tmp_path / "scratch") as session:
        session.run("CREATE TABLE t AS SELECT range AS n FROM range(10)")
        existed = (tmp_path / "scratch").exists()

    assert (existed, (tmp_path / "scratch").exists()) == (True, False)


def test_a_session_without_scratch_has_no_scratch_file() -> None:
    with Session() as session, pytest.raises(ValueError, match="no scratch folder"):
        session.scratch_file("a")


def test_tables_beyond_a_lower_limit_go_to_scratch_files(tmp_path: Path) -> None:
    with Session(tmp_path / "scratch", memory_limit_bytes=200 * 2**20) as session:
        session.run("CREATE TABLE t AS SELECT repeat('x', 100) || range AS s FROM range(300000)")
        before = list((tmp_path / "scratch").iterdir())

        session.limit_memory(24 * 2**20)

        assert before == []
        assert list((tmp_path / "scratch").iterdir()) != []
        assert session.row("SELECT count(DISTINCT s[101:]) FROM t") == (300000,)


def test_too_little_memory_is_a_clear_failure_not_a_traceback(tmp_path: Path) -> None:
    with Session(memory_limit_bytes=20 * 2**20) as session, pytest.raises(RunError) as caught:
        session.run("CREATE TABLE t AS SELECT repeat('x', 1000) || range AS s FROM range(200000)")

    assert str(caught.value).startswith("memory (attempt 1): the query engine stopped: ")
    assert "make room and run the same command again" in str(caught.value)
