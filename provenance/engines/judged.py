"""What people judged, as facts that grading weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.canonical import digest_json
from provenance.engines.statements import statement
from provenance.engines.verdicts import TABLE
from provenance.errors import InputError, Problem
from provenance.report.agreement import consensus
from provenance.report.terminal import count
from provenance.session import Session

#: The facts that a dataset was graded with, one per judged document of it.
FACTS = pa.schema(
    [
        pa.field("doc_id", contract.DOC_ID, nullable=False),
        pa.field("content_hash", contract.DOC_ID, nullable=False),
        *contract.EVIDENCE.value_type,
    ],
    metadata={b"provenance.schema": b"review_facts/1"},
)

KIND: Final = "human_review"
#: Polarity and strength of what reviewers agree on; whoever is unsure says nothing.
_FACTS: Final = {
    "human": ("human", "decisive"),
    "machine": ("synthetic", "decisive"),
    "mixed": ("synthetic", "moderate"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """facts: of type FACTS, by doc_id; digest: of them, whatever the files they came from."""

    facts: pa.Table
    digest: str

    def __bool__(self) -> bool:
        return self.facts.num_rows > 0


def open_verdicts(folders: Sequence[Path]) -> Judged:
    """What the reviewers of all `folders` agree on. Raises InputError naming each that is none."""
    problems: list[Problem] = []
    said: dict[tuple[bytes, bytes], list[str]] = {}
    for folder in folders:
        try:
            rows = pq.read_table(folder / "verdicts.parquet", schema=TABLE).to_pylist()
        except (OSError, pa.ArrowException):
            accepted = "a folder that `provenance review import` made"
            problems.append(Problem(str(folder), "holds no verdicts", accepted=accepted))
            continue
        for row in rows:
            said.setdefault((row["doc_id"], row["content_hash"]), []).append(row["verdict"])
    if problems:
        raise InputError(problems)
    facts = [_fact(*text, verdicts) for text, verdicts in sorted(said.items())]
    table = pa.Table.from_pylist([fact for fact in facts if fact], schema=FACTS)
    plain = [_hex(row) for row in table.to_pylist()]
    return Judged(table, digest_json(plain))


def by_document(facts: pa.Table) -> dict[str, dict[str, Any]]:
    """The facts as values of `evidence`, by doc_id in hex."""
    return {row["doc_id"]: row for row in map(_hex, facts.to_pylist())}


def add_verdicts(session: Session, judged: Judged) -> pa.Table:
    """The facts that hold for documents of table `scored`, added to its column `pointing`.

    A verdict is on a text: it holds for the document it was given on while that has this text.
    """
    session.register("judged", judged.facts)
    session.run(statement("add_verdicts"))
    applied = session.table(statement("applied_verdicts"))
    session.run("DROP VIEW judged")
    return contract.restamp(applied, FACTS)


def _fact(doc_id: bytes, content_hash: bytes, verdicts: Sequence[str]) -> dict[str, Any] | None:
    """The fact that these verdicts make together, if they make one."""
    agreed = _FACTS.get(consensus(verdicts))
    if agreed is None:
        return None
    return {
        "doc_id": doc_id,
        "content_hash": content_hash,
        "kind": KIND,
        "polarity": agreed[0],
        "strength": agreed[1],
        "detail": f"{count(len(verdicts), 'verdict')} of people who read it",
    }


def _hex(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "doc_id": row["doc_id"].hex(), "content_hash": row["content_hash"].hex()}
