"""Where everything went: the counts of a run, which must add up."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from provenance.errors import RunError
from provenance.session import Session


def summarise(session: Session, *, rejects: Path, n_records: int, out: Path) -> dict[str, Any]:
    """Counts of the run in `session` (table `decisions`) and of the reject ledger at `rejects`.

    n_records: records the readers met. Raises RunError when documents and rejected records do not
    add up to it: a record would have been lost.
    """
    ledger = _rows(session, "rejects", rejects=[str(rejects)])
    kept = _rows(session, "kept")[0]
    rejected = sum(row["n"] for row in ledger if row["is_record"])
    if kept["documents"] + rejected != n_records:
        raise RunError(
            f"{n_records} records were read, but {kept['documents']} documents and {rejected}"
            " rejects came out; this is a fault of this program, please report it",
            shard=str(out),
        )
    return {
        "records": n_records,
        **kept,
        "rejects": {row["reason"]: row["n"] for row in ledger if row["is_record"]},
        "faults": {row["reason"]: row["n"] for row in ledger if not row["is_record"]},
        **breakdown(session),
    }


def breakdown(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Documents and tokens of table `decisions` by drop reason, tier, right to train, language."""
    return {
        "dropped": _rows(session, "reasons"),
        "tiers": _rows(session, "tiers"),
        "train_ai": _rows(session, "train_ai"),
        "languages": _rows(session, "languages"),
    }


def _rows(session: Session, query: str, **parameters: Any) -> list[dict[str, Any]]:
    sql = resources.files("provenance.report").joinpath(f"queries/{query}.sql").read_text()
    rows: list[dict[str, Any]] = session.table(sql, **parameters).to_pylist()
    return rows
