"""Asking archives for every page of a store, and lending the dates they answer with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.dedup.anchor.match import candidates, compare
from provenance.dedup.anchor.tables import Segment
from provenance.dedup.anchor.texts import SignedBatch, signed_batch
from provenance.dedup.boilerplate import Boilerplate
from provenance.dedup.parameters import DedupParameters
from provenance.engines.statements import statement
from provenance.engines.store import Store
from provenance.session import Session

#: Row groups asked for at once: 65,536 pages, so that a large filter is swept few times.
_GROUPS = 16

#: A document of the store, the number of a text in a segment, and how much they share.
FOUND = pa.schema(
    [("doc_id", contract.DOC_ID), ("text", pa.int64()), ("containment", pa.float32())]
)


@dataclass(frozen=True, slots=True)
class Pages:
    """Some pages of a store. is_boilerplate: beside signed.hashes."""

    doc_ids: pa.Array
    signed: SignedBatch
    is_boilerplate: npt.NDArray[np.bool_]


def lend_dates(
    session: Session,
    store: Store,
    segments: Sequence[Segment],
    *,
    parameters: DedupParameters,
    near_duplicates: bool,
) -> None:
    """Add to table `reference_matches` the archived document that dates each page, if any does.

    Of several that cover a page it is the earliest. near_duplicates: whether covering is enough,
    or only an equal text counts.
    """
    for segment in segments:
        found = [FOUND.empty_table()]
        for pages in read_pages(store):
            found.append(_dated(segment, pages, parameters, near_duplicates=near_duplicates))
        session.register("reference_found", pa.concat_tables(found))
        session.run(
            statement("name_matches"),
            documents=[str(segment.documents)],
            kind="anchor",
            reference=segment.digest,
        )


def read_pages(store: Store) -> Iterator[Pages]:
    """Every document of the store, with the marks of what its site repeats."""
    known = Boilerplate.load(store.boilerplate)
    parts = zip(store.parts("documents"), store.parts("signatures"), strict=True)
    for documents, signatures in parts:
        with pq.ParquetFile(documents) as given, pq.ParquetFile(signatures) as signed:
            for first in range(0, given.num_row_groups, _GROUPS):
                groups = list(range(first, min(first + _GROUPS, given.num_row_groups)))
                yield _pages(
                    given.read_row_groups(groups, columns=["doc_id", "content_hash", "host"]),
                    signed.read_row_groups(groups, columns=["n_shingles", "sketch", "probes"]),
                    known,
                )


def _pages(documents: pa.Table, signatures: pa.Table, known: Boilerplate) -> Pages:
    columns = {name: documents.column(name).combine_chunks() for name in documents.column_names}
    n_shingles, sketch, probes = (column.combine_chunks() for column in signatures.columns)
    signed = signed_batch(n_shingles, sketch, probes, columns["content_hash"])
    marks = known.marks(columns["host"].to_pylist(), signed.bounds, signed.hashes)
    return Pages(columns["doc_id"], signed, marks)


def _dated(
    segment: Segment, pages: Pages, parameters: DedupParameters, *, near_duplicates: bool
) -> pa.Table:
    """The earliest dated text that covers each page, where one does."""
    pairs = candidates(segment, pages.signed)
    pairs = pairs[pairs[:, 1] < segment.facts["n_dated"]]
    matches = compare(segment, pages.signed, pages.is_boilerplate, pairs, parameters)
    chosen = matches.is_covered & (near_duplicates | matches.is_exact)
    _, first = np.unique(matches.pages[chosen], return_index=True)
    rows = np.flatnonzero(chosen)[first]
    return pa.table(
        [
            pages.doc_ids.take(pa.array(matches.pages[rows])),
            pa.array(matches.texts[rows]),
            pa.array(matches.containment[rows]),
        ],
        schema=FOUND,
    )
