"""The one DuckDB connection: bounded memory, no network, no pasted SQL.

Statements come from `.sql` files or from constants in code; values travel as named parameters;
a user's predicate is parsed by DuckDB itself as a single expression and bound in a connection
that can reach no file.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from provenance.errors import RunError

MEMORY_LIMIT_BYTES = 320 * 1024 * 1024


class Session:
    """A DuckDB connection under a stated memory limit that spills to `scratch`.

    Tables live in memory, which costs two thirds of the time of a database file, and go to scratch
    files when there are too many.

    Order is never assumed after SQL: a statement whose order matters says ORDER BY.
    Arrow results must pass `batch.restamp` before they count as a contract's batch.
    """

    def __init__(
        self,
        scratch: Path | None = None,
        *,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
        threads: int = 2,
    ) -> None:
        config: dict[str, Any] = {
            "memory_limit": f"{memory_limit_bytes // 2**20}MiB",
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,  # a table name never means a Python variable
        }
        config["temp_directory"] = ""  # without a scratch folder nothing spills beside the user
        self._scratch = scratch
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
            config["temp_directory"] = str(scratch)
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_progress_bar = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and remove its files from the scratch folder."""
        self._connection.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def scratch_file(self, name: str) -> Path:
        """A path in the scratch folder, which goes away with the session."""
        if self._scratch is None:
            raise ValueError("this session has no scratch folder")
        return self._scratch / name

    def limit_memory(self, limit_bytes: int) -> None:
        """Keep to `limit_bytes` from now on: tables beyond it go to scratch files."""
        with self._translated():
            self._connection.execute(f"SET memory_limit = '{limit_bytes // 2**20:d}MiB'")

    def run(self, sql: str, **parameters: Any) -> None:
        """Execute one statement for its effect."""
        with self._translated():
            self._connection.execute(sql, parameters or None).fetchall()

    def table(self, sql: str, **parameters: Any) -> pa.Table:
        """The whole result of `sql`."""
        with self._translated():
            return self._connection.sql(sql, params=parameters or None).to_arrow_table()

    def reader(self, sql: str, *, rows: int = 8192, **parameters: Any) -> pa.RecordBatchReader:
        """The result of `sql` as a stream of batches of at most `rows` rows.

        The stream must be drained before the next statement runs.
        """
        return self._connection.sql(sql, params=parameters or None).to_arrow_reader(rows)

    def row(self, sql: str, **parameters: Any) -> tuple[Any, ...]:
        """The first row of the result."""
        return tuple(self.rows(sql, **parameters)[0])

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Every row of the result, as Python values. For small results."""
        with self._translated():
            return self._connection.execute(sql, parameters or None).fetchall()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise RunError for what is no fault of the statement: a full disk, or too little memory.

        A transaction that could not be written fails its commit, so that error counts too.
        """
        try:
            yield
        except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException) as e:
            what = str(e).strip().splitlines()[0]
            raise RunError(
                f"the query engine stopped: {what}; make room and run the same command again:"
                " finished slices are kept",
                shard=str(self._scratch or "memory"),
            ) from e

    def register(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Make an Arrow table visible to SQL as `name`."""
        self._connection.register(name, table)

    def view(self, name: str, sql: str, **parameters: Any) -> None:
        """Let `name` stand for the query `sql`, which runs whenever it is read."""
        with self._translated():
            self._connection.sql(sql, params=parameters or None).create_view(name, replace=True)

    def project(self, source: str, into: str, columns: Mapping[str, str]) -> None:
        """Create table `into`: every column of `source`, and one per entry of `columns`.

        `columns` maps a new name to an expression in the user's SQL over `source`; each is parsed
        by DuckDB as exactly one expression. Raises ValueError naming the entry that does not parse
        or bind.
        """
        with self._faults_of_expressions():
            self._projection(source, columns).create(into)

    def run_over(
        self, sql: str, *, view: str, source: str, columns: Mapping[str, str], **parameters: Any
    ) -> None:
        """Execute one statement that reads `view`, which is what `project` would create.

        The view stays, of which no row is stored. Raises ValueError as `project` does, and for a
        value that an expression cannot take.
        """
        with self._faults_of_expressions():
            self._projection(source, columns).create_view(view, replace=True)
            self._connection.execute(sql, parameters or None).fetchall()

    def _projection(self, source: str, columns: Mapping[str, str]) -> duckdb.DuckDBPyRelation:
        expressions: list[duckdb.Expression] = [duckdb.StarExpression()]
        for name, text in columns.items():
            try:
                expressions.append(duckdb.SQLExpression(text).alias(name))
            except duckdb.Error as error:
                raise ValueError(f"{name}: {error}") from error
        return self._connection.table(source).project(*expressions)

    @contextmanager
    def _faults_of_expressions(self) -> Iterator[None]:
        try:
            with self._translated():
                yield
        except duckdb.Error as error:
            raise ValueError(str(error)) from error


def predicate_faults(columns: pa.Schema, predicates: Sequence[str]) -> list[str | None]:
    """What DuckDB finds wrong with each predicate as a boolean over `columns`; None where right.

    Bound in a connection of its own that can read no file and open no network.
    """
    with duckdb.connect(":memory:", config={"enable_external_access": False}) as connection:
        connection.register("columns", columns.empty_table())
        connection.execute("SET lock_configuration = true")
        return [_fault(connection, predicate) for predicate in predicates]


def _fault(connection: duckdb.DuckDBPyConnection, predicate: str) -> str | None:
    try:
        expression = duckdb.SQLExpression(predicate)
        bound = connection.table("columns").project(expression.alias("answer"))
        kind = str(bound.types[0])
    except duckdb.Error as error:
        return str(error).strip()
    if kind.strip('"') not in ("BOOLEAN", "NULL"):
        return f"a predicate must be true or false; this is {kind}"
    return None
