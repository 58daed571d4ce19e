"""What an archive holds of some texts, with the documents named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from provenance import batch as contract
from provenance.dedup.anchor.match import Matches, candidates, compare
from provenance.dedup.anchor.statements import statement
from provenance.dedup.anchor.tables import Anchor, Segment
from provenance.dedup.anchor.texts import I64, signed_batch
from provenance.dedup.minhash import sign
from provenance.dedup.parameters import DedupParameters
from provenance.session import Session
from provenance.text.normal import content_hash, normal_form


@dataclass(frozen=True, slots=True)
class AnchorMatch:
    """An archived document that holds some of a text.

    containment: share of the text's shingles that stand in it. is_exact: whether it is the same
    text. is_covered: whether it is enough to lend the document's date.
    """

    doc_id: str
    url: str | None
    captured_at: datetime | None
    record_id: str | None
    source_uri: str
    source_pos: int
    containment: float
    is_exact: bool
    is_covered: bool


def ask(
    anchor: Anchor, texts: Sequence[str], parameters: DedupParameters
) -> list[list[AnchorMatch]]:
    """For each text, who in the archive holds some of it: covers first, the earliest first."""
    forms = [normal_form(text) for text in texts]
    signed = sign(pa.array(forms, pa.large_string()), num_perm=1)
    hashes = pa.array([content_hash(form) for form in forms], contract.DOC_ID)
    batch = signed_batch(signed.n_shingles, signed.sketch, signed.probes, hashes)
    nothing = np.zeros(len(batch.hashes), dtype=np.bool_)
    found: list[list[AnchorMatch]] = [[] for _ in texts]
    with Session() as session:
        for segment in anchor.segments:
            pairs = candidates(segment, batch)
            matches = compare(segment, batch, nothing, pairs, parameters)
            documents = documents_of(session, segment, matches.texts)
            for row, document in enumerate(documents):
                if matches.containment[row] > 0:
                    found[pairs[row, 0]].append(_match(matches, row, document))
    return [sorted(some, key=_order) for some in found]


def documents_of(session: Session, segment: Segment, texts: I64) -> list[dict[str, Any]]:
    """The document of each of `texts`, numbers in the segment, in their order."""
    rows = session.table(
        statement("documents"),
        documents=[str(segment.documents)],
        texts=np.unique(texts).tolist(),
    ).to_pylist()
    by_text = {row.pop("text"): row for row in rows}
    return [by_text[text] for text in texts.tolist()]


def _match(matches: Matches, row: int, document: dict[str, Any]) -> AnchorMatch:
    return AnchorMatch(
        **{**document, "doc_id": document["doc_id"].hex()},
        containment=float(matches.containment[row]),
        is_exact=bool(matches.is_exact[row]),
        is_covered=bool(matches.is_covered[row]),
    )


def _order(match: AnchorMatch) -> tuple[Any, ...]:
    undated = match.captured_at is None
    when = 0.0 if match.captured_at is None else match.captured_at.timestamp()
    return not match.is_covered, undated, when, -match.containment, match.doc_id
