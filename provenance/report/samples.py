"""A few documents of every class, with their text and evidence, the same for any run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from provenance.policy.model import Policy
from provenance.report.sentences import sentences
from provenance.report.statements import statement
from provenance.report.stored import stored_rows
from provenance.session import Session

PER_CLASS: Final = 20
#: Classes with samples: the kept documents, and the largest groups of dropped ones.
CLASSES: Final = 12
_BEGINNING: Final = 300
_ROW_GROUPS: Final = 32
_GROUP_ROWS: Final = 4096


def samples(
    session: Session,
    policy: Policy,
    *,
    parts: Sequence[str],
    judged: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Classes of table `decisions`, kept documents first, then drop reasons by size.

    reason: null = kept. samples: up to PER_CLASS documents, each with its id, url, beginning of
    the text and what was seen in it, in sentences. judged: what people judged, by doc_id in hex.
    """
    drawn = session.table(
        statement("report_samples"),
        seed=policy.seed,
        n=PER_CLASS,
        n_groups=_ROW_GROUPS,
        group_rows=_GROUP_ROWS,
    ).to_pylist()
    classes = [list(group) for _, group in groupby(drawn, key=lambda row: row["reason"])][:CLASSES]
    places = ((row["part"], row["row"]) for rows in classes for row in rows)
    stored = stored_rows(parts, places, n_chars=_BEGINNING)
    return [
        {
            "reason": rows[0]["reason"],
            "documents": rows[0]["of_class"],
            "samples": [
                _sample(row | stored[row["part"], row["row"]], policy, judged) for row in rows
            ],
        }
        for rows in classes
    ]


def _sample(
    row: Mapping[str, Any], policy: Policy, judged: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    said = [judged[row["id"]]] if row["id"] in judged else []
    evidence = [*row["evidence"], *said]
    facts = {**row, "evidence": evidence, "matches": (), "duplicate_match": None}
    return {
        "doc_id": facts["id"],
        "url": facts["url"],
        "beginning": facts["beginning"],
        "sentences": sentences(facts, policy),
    }
