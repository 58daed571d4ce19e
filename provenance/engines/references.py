"""What lies outside the crawl and takes part in deciding over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from provenance import batch as contract
from provenance.dedup.anchor.items import count_short
from provenance.dedup.anchor.tables import Anchor, Segment
from provenance.dedup.keeper import assign
from provenance.dedup.parameters import DedupParameters
from provenance.emit.manifest import NAME, read_manifest
from provenance.engines.against import assign_against
from provenance.engines.exclude import find_items
from provenance.engines.judged import Judged, open_verdicts
from provenance.engines.lend import lend_dates
from provenance.engines.statements import statement
from provenance.engines.store import Store
from provenance.errors import InputError, Problem
from provenance.session import Session

Given = TypeVar("Given")
Opened = TypeVar("Opened")

#: Documents outside the crawl that a decision names. kind: anchor, item or earlier_run.
MATCHES = pa.schema(
    [
        pa.field("doc_id", contract.DOC_ID, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("reference", pa.string(), nullable=False),
        pa.field("match_id", contract.DOC_ID, nullable=False),
        pa.field("containment", pa.float32()),
        pa.field("url", pa.string()),
        pa.field("captured_at", contract.TIMESTAMP),
        pa.field("record_id", pa.string()),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("source_pos", pa.int64(), nullable=False),
    ],
    metadata={b"provenance.schema": b"matches/1"},
)


@dataclass(frozen=True, slots=True)
class References:
    """anchors: archives that lend their dates to later copies. excluded: benchmarks whose items no
    document may contain. runs: scored stores of earlier runs, whose documents are preferred.
    judged: what people judged of documents."""

    anchors: tuple[Anchor, ...] = ()
    excluded: tuple[Anchor, ...] = ()
    runs: tuple[Store, ...] = ()
    judged: Judged | None = None

    def __bool__(self) -> bool:
        return bool(self.anchors or self.excluded or self.runs)

    def request(self) -> dict[str, Any]:
        """What of it decides the bytes of a dataset: digests, whatever the order and the place."""
        return {
            "anchors": sorted({anchor.digest for anchor in self.anchors}),
            "excluded": sorted({anchor.digest for anchor in self.excluded}),
            "against": [run.totals()["plan"] for run in self.runs],
            "verdicts": self.judged.digest if self.judged else None,
        }

    def record(self) -> dict[str, int]:
        """What the manifest says of it: how many items were excluded by, and how many are too short
        to look for."""
        segments = segments_of(self.excluded)
        return {
            "excluded_items": sum(segment.facts["n_texts"] for segment in segments),
            "excluded_items_too_short": sum(map(count_short, segments)),
        }


def open_references(
    *,
    anchors: Sequence[Path],
    excluded: Sequence[Path],
    against: Sequence[Path],
    verdicts: Sequence[Path],
) -> References:
    """The references, opened. Raises InputError naming everything that cannot be."""
    problems: list[Problem] = []

    def opened(roots: Sequence[Given], open_one: Callable[[Given], Opened]) -> Iterator[Opened]:
        for root in roots:
            try:
                yield open_one(root)
            except InputError as error:
                problems.extend(error.problems)

    references = References(
        tuple(opened(anchors, Anchor.open)),
        tuple(opened(excluded, Anchor.open)),
        tuple(opened(against, _finished_store)),
        next(opened([verdicts], open_verdicts), None),
    )
    if problems:
        raise InputError(problems)
    return references


def _finished_store(root: Path) -> Store:
    """The scored store of a run, given its dataset or the store itself. Raises InputError."""
    if (root / NAME).exists():
        root /= read_manifest(root)["scored"]["path"]
    store = Store(root)
    store.totals()
    return store


def assign_all(
    session: Session, store: Store, references: References, *, near_duplicates: bool
) -> None:
    """Create table `assigned`, the columns of stage dedup for every row of `scored`.

    Also leaves `reference_matches`: what of the references each document matched.
    """
    parameters = DedupParameters()
    session.run(statement("reference_matches"))
    if references.runs:
        assign_against(
            session,
            store,
            references.runs,
            parameters=parameters,
            near_duplicates=near_duplicates,
        )
    else:
        assign(
            session,
            documents="scored",
            duplicates=store.duplicates,
            into="assigned",
            near_duplicates=near_duplicates,
        )
    lend_dates(
        session,
        store,
        segments_of(references.anchors),
        parameters=parameters,
        near_duplicates=near_duplicates,
    )
    session.run(statement("lent_dates"))
    find_items(session, store, segments_of(references.excluded))
    session.run(statement("contaminated"))


def segments_of(anchors: Sequence[Anchor]) -> list[Segment]:
    """The segments of all, each once, in an order that does not depend on that of `anchors`."""
    segments = {segment.digest: segment for anchor in anchors for segment in anchor.segments}
    return [segments[digest] for digest in sorted(segments)]
