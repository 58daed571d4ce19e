"""Whether data files, decisions and the manifest's counts tell the same story."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.emit.leaves import LEAF_COLUMNS
from provenance.engines.finding import Finding
from provenance.engines.statements import statement
from provenance.report.summary import breakdown
from provenance.session import Session
from provenance.text.normal import content_hash, normal_form

#: Columns that are read of a data file, and of the decisions.
DATA_READ = ("doc_id", "content_hash", "text", "url", "tier", "p_synthetic", "stratum")
DECISIONS_READ = (*LEAF_COLUMNS, "reason", "lang", "anchor_doc", "train_ai")
_TEXT_READ = ("doc_id", "text", "content_hash")
#: Documents of each kind named in a finding; the count is always whole.
_NAMED = 3


def reconcile(
    decisions: Path, data: Sequence[Path], summary: Mapping[str, Any]
) -> Iterator[Finding]:
    """What does not fit between a readable decisions file, readable data files and a summary."""
    with tempfile.TemporaryDirectory() as folder, Session(Path(folder) / "session") as session:
        session.run(statement("verify_decisions"), decisions=[str(decisions)])
        yield from _counts(session, summary)
        if data:
            yield from _documents(session, data)
    for path in data:
        yield from _texts(path)


def _counts(session: Session, summary: Mapping[str, Any]) -> Iterator[Finding]:
    totals = session.table(statement("verify_totals")).to_pylist()[0]
    for name, found in {**totals, **breakdown(session)}.items():
        if summary.get(name) != found:
            yield Finding(
                "manifest.json",
                "other_counts",
                f"summary.{name}: the manifest says {summary.get(name)}, the decisions {found}",
            )


def _documents(session: Session, data: Sequence[Path]) -> Iterator[Finding]:
    for code, where, verb in (
        ("missing_documents", "data", "kept but in no data file"),
        ("foreign_documents", "data", "in a data file but not as any decision keeps it"),
    ):
        rows = session.rows(statement(f"verify_{code}"), data=[str(path) for path in data])
        if rows:
            ids = ", ".join(row[0] for row in rows[:_NAMED])
            yield Finding(where, code, f"{len(rows)} documents are {verb}, such as {ids}")


def _texts(path: Path) -> Iterator[Finding]:
    """Documents of the file whose text has another content hash than the row beside it says."""
    wrong: list[str] = []
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(1024, columns=list(_TEXT_READ)):
            wrong += _wrong_texts(batch)
    if wrong:
        ids = ", ".join(wrong[:_NAMED])
        what = f"{len(wrong)} documents have another text, such as {ids}"
        yield Finding(f"data/{path.name}", "other_text", what)


def _wrong_texts(batch: pa.RecordBatch) -> list[str]:
    columns = (batch.column(name).to_pylist() for name in _TEXT_READ)
    return [
        doc_id.hex()
        for doc_id, text, stated in zip(*columns, strict=True)
        if text is None or content_hash(normal_form(text)) != stated
    ]
