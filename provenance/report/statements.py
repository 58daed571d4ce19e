"""The SQL statements of the reports, read from `queries/*.sql`."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def statement(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (resources.files("provenance.report") / "queries" / f"{name}.sql").read_text("utf-8")
