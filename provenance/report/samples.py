"""A few documents of every class, with their text and evidence, the same for any run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from provenance.policy.model import Policy
from provenance.report.explain import sentences
from provenance.report.statements import statement
from provenance.session import Session

PER_CLASS: Final = 20
#: Classes with samples: the kept documents, and the largest groups of dropped ones.
CLASSES: Final = 12
_BEGINNING: Final = 300
_ROW_GROUPS: Final = 32
_GROUP_ROWS: Final = 4096

_STORED: Final = (
    "source_uri", "source_pos", "record_id", "truncated", "evidence", "score_linear",
    "tokens_linear",
)  # fmt: skip


def samples(session: Session, policy: Policy, *, parts: Sequence[str]) -> list[dict[str, Any]]:
    """Classes of table `decisions`, kept documents first, then drop reasons by size.

    reason: null = kept. samples: up to PER_CLASS documents, each with its id, url, beginning of
    the text and what was seen in it, in sentences.
    """
    drawn = session.table(
        statement("report_samples"),
        seed=policy.seed,
        n=PER_CLASS,
        n_groups=_ROW_GROUPS,
        group_rows=_GROUP_ROWS,
    ).to_pylist()
    classes = [list(group) for _, group in groupby(drawn, key=lambda row: row["reason"])][:CLASSES]
    stored = _stored(parts, ((row["part"], row["row"]) for rows in classes for row in rows))
    return [
        {
            "reason": rows[0]["reason"],
            "documents": rows[0]["of_class"],
            "samples": [_sample(row | stored[row["part"], row["row"]], policy) for row in rows],
        }
        for rows in classes
    ]


def _sample(row: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    facts = {**row, "matches": (), "duplicate_match": None}
    return {
        "doc_id": facts["id"],
        "url": facts["url"],
        "beginning": facts["beginning"],
        "sentences": sentences(facts, policy),
    }


def _stored(
    parts: Sequence[str], places: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    """What the store holds of the rows at `places` (part, row); each row group is read once."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for part, group in groupby(sorted(places), key=lambda place: place[0]):
        with pq.ParquetFile(parts[part]) as file:
            rows = np.array([row for _, row in group])
            for taken, values in _rows(file, rows):
                found |= {(part, row): value for row, value in zip(taken, values, strict=True)}
    return found


def _rows(file: pq.ParquetFile, rows: np.ndarray) -> Iterable[tuple[list[int], list[Any]]]:
    """Of each row group with any of `rows` (ascending): which, and what they hold."""
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    ends = np.cumsum(sizes)
    groups = np.searchsorted(ends, rows, side="right")
    for group in np.unique(groups):
        taken = rows[groups == group]
        start = ends[group] - sizes[group]
        table = file.read_row_group(int(group), columns=[*_STORED, "text"])
        chosen = table.take(pa.array(taken - start))
        beginning = pc.utf8_slice_codeunits(chosen.column("text"), 0, _BEGINNING)
        values = chosen.drop_columns("text").append_column("beginning", beginning).to_pylist()
        yield taken.tolist(), values
