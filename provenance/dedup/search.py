"""Who has the same text as whom, over a whole scored store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from provenance import batch as contract
from provenance.dedup.boilerplate import write_boilerplate
from provenance.dedup.candidates import find_candidates, pairs
from provenance.dedup.comparison import compare
from provenance.dedup.parameters import DedupParameters
from provenance.dedup.signed import SignedTexts, load_signed
from provenance.dedup.statements import statement
from provenance.emit.atomic import replacing
from provenance.emit.parquet import PartWriter
from provenance.session import Session

I64 = npt.NDArray[np.int64]

__all__ = ["EDGES", "DedupParameters", "Found", "find_duplicates"]

#: One match: `doc_a` is the earlier document. `kind` is exact (equal normal form), near (alike as
#: wholes: similarity, the estimated Jaccard, reaches min_jaccard) or contained (one covers the
#: other, by what is no boilerplate).
EDGES = pa.schema(
    [
        pa.field("doc_a", contract.DOC_ID, nullable=False),
        pa.field("doc_b", contract.DOC_ID, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("similarity", pa.float32(), nullable=False),
        pa.field("containment_a_in_b", pa.float32(), nullable=False),
        pa.field("containment_b_in_a", pa.float32(), nullable=False),
        pa.field("a_is_covered", pa.bool_(), nullable=False),
        pa.field("b_is_covered", pa.bool_(), nullable=False),
    ],
    metadata={b"provenance.schema": b"duplicates/1"},
)
_MATCHES = pa.schema(
    [("earlier", pa.int64()), ("later", pa.int64()), *((f.name, f.type) for f in list(EDGES)[2:])]
)
_TABLES = (
    "dedup_documents", "dedup_texts", "dedup_alike", "dedup_sites", "dedup_hashes",
    "dedup_boilerplate", "dedup_shared",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """How many distinct texts there were, pairs were compared, and matches were found."""

    n_texts: int
    n_compared: int
    n_near: int
    n_exact: int


def find_duplicates(
    session: Session,
    *,
    documents: Sequence[str],
    signatures: Sequence[str],
    out: Path,
    parameters: DedupParameters,
    boilerplate: Path | None = None,
) -> Found:
    """Write every match between documents to `out`, sorted by document; returns the counts.

    documents: Parquet files with doc_id, content_hash, captured_at and host. signatures: Parquet
    files of schema `signatures/1`, a row per document, in any order. A document without a content
    hash, or without words, matches nothing. boilerplate: where to write what sites repeat.

    The result depends on the rows alone: not on files, order, batches or threads.
    """
    for name in _TABLES:
        session.run(f"DROP TABLE IF EXISTS {name}")
    with (
        TemporaryDirectory(prefix=".dedup-", dir=out.parent) as scratch,
        replacing(out) as temporary,
        PartWriter(str(temporary), EDGES) as edges,
    ):
        n_texts = _number_texts(session, documents, signatures)
        if n_texts == 0:
            return Found(0, 0, 0, 0)
        texts = load_signed(
            session,
            Path(scratch),
            signatures=list(signatures),
            n_texts=n_texts,
            num_perm=parameters.num_perm,
        )
        find_candidates(session, texts, Path(scratch), parameters)
        if boilerplate is not None:
            write_boilerplate(session, texts, boilerplate)
        matches = Path(scratch) / "matches.parquet"
        n_compared, n_near = _write_matches(session, texts, matches, parameters)
        _write_edges(session, matches, edges)
        return Found(n_texts, n_compared, n_near, edges.n_rows - n_near)


def _number_texts(session: Session, documents: Sequence[str], signatures: Sequence[str]) -> int:
    if not documents:
        return 0
    session.run(statement("documents"), documents=list(documents), signatures=list(signatures))
    session.run(statement("texts"))
    return int(session.row("SELECT count(*) FROM dedup_texts")[0])


def _write_matches(
    session: Session, texts: SignedTexts, matches: Path, parameters: DedupParameters
) -> tuple[int, int]:
    """Write the candidate pairs that match; how many were compared, and how many match."""
    n_compared = 0
    with PartWriter(str(matches), _MATCHES) as writer:
        for found in pairs(session, statement("candidates"), min_shared=parameters.min_shared):
            n_compared += len(found)
            for batch in _matching(texts, found, parameters).to_batches():
                writer.write(batch)
        return n_compared, writer.n_rows


def _matching(texts: SignedTexts, found: I64, parameters: DedupParameters) -> pa.Table:
    """The rows of `found` [n, 2] of which one text covers the other."""
    compared = compare(texts, found, parameters)
    columns = {
        "earlier": found[:, 0],
        "later": found[:, 1],
        "kind": np.where(compared.similarity >= parameters.min_jaccard, "near", "contained"),
        **{name: getattr(compared, name) for name in _MATCHES.names[3:]},
    }
    table = pa.table(columns, schema=_MATCHES)
    return table.filter(compared.a_is_covered | compared.b_is_covered)


def _write_edges(session: Session, matches: Path, edges: PartWriter) -> None:
    for batch in session.reader(statement("edges"), matches=[str(matches)]):
        for part in contract.restamp(batch, EDGES).to_batches():
            edges.write(part)
