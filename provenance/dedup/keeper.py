"""Which copy is kept, and since when its text has been in the world.

Documents are ordered by preference: those of an earlier run, whose dataset is out already; then
earliest capture, then lowest rank of provenance, then most tokens, then document id. A document is
dropped only for a preferred document that is itself kept and that covers it by a direct match. So
nothing is dropped along a chain, the text of everything dropped is in what is kept, and a long page
that quotes an old one whole is no copy of it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from provenance.dedup.candidates import pairs
from provenance.dedup.statements import statement
from provenance.session import Session

_TABLES = ("dedup_copies", "dedup_stars", "dedup_covers", "dedup_keepers", "dedup_assigned")

I64 = npt.NDArray[np.int64]


def assign(
    session: Session,
    *,
    duplicates: Path,
    documents: str,
    into: str,
    near_duplicates: bool = True,
) -> None:
    """Create table `into`: the columns of stage dedup, a row per row of table `documents`.

    documents: a table with doc_id (unique), captured_at, n_tokens and, if it likes, two integers:
    rank, lower for better provenance, and run, lower for an earlier run. duplicates: what
    `find_duplicates` wrote.
    near_duplicates: whether near matches count, or exact ones alone.

    `first_seen` is the earliest capture of the document, of its exact copies, and of the texts that
    cover it by a direct match; `anchor_doc` is who lent it, in hexadecimal, null when its own.
    """
    _drop(session)
    given = {"duplicates": str(duplicates), "near_duplicates": near_duplicates}
    session.run(statement("copies"), documents=documents, **given)
    session.run(statement("stars"))
    session.run(statement("covers"), **given)
    keepers = _keepers(session)
    session.register("dedup_kept", pa.table({"place": np.arange(len(keepers)), "keeper": keepers}))
    session.run("CREATE TABLE dedup_keepers AS SELECT place, keeper FROM dedup_kept")
    session.run(statement("assigned"), documents=documents)
    session.project("dedup_assigned", into, {})
    _drop(session)


def _keepers(session: Session) -> I64:
    """For each text, by preference, the text kept for it: itself, or the first kept cover."""
    keepers = np.arange(session.row("SELECT count(*) FROM dedup_stars")[0])
    for batch in pairs(session, statement("preferred")):
        keep_first(batch, keepers)
    return keepers


@njit(cache=True)
def keep_first(preferred, keepers):  # type: ignore[no-untyped-def]
    """Give up, in `keepers`, each covered text for its first cover that is kept.

    preferred: rows (covered, cover), covered ascending and cover < covered, so that whether a cover
    is kept is settled before it is asked. May be called with a part of the rows after another.
    """
    for row in range(len(preferred)):
        covered, cover = preferred[row]
        if keepers[covered] == covered and keepers[cover] == cover:
            keepers[covered] = cover


def _drop(session: Session) -> None:
    for table in _TABLES:
        session.run(f"DROP TABLE IF EXISTS {table}")
