"""One document's story in plain words: what was seen, what it counted for, why kept or dropped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from provenance import reasons
from provenance.errors import InputError, Problem
from provenance.policy.model import Policy
from provenance.report.printable import printable, printable_line
from provenance.report.sentences import sentences
from provenance.session import Session


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about one document, or the reason why one record is no document.

    facts: the columns of the decision and of the scored store, as they are.
    lines: the same in sentences, as they are; `text` and `json` are safe to print.
    """

    facts: Mapping[str, Any]
    lines: Sequence[str]

    def text(self) -> str:
        """The sentences, one a line; the first names the document."""
        first, *rest = map(printable_line, self.lines)
        return "\n".join([first, *("  " + line for line in rest)])

    def json(self) -> str:
        """The facts as one JSON object."""
        text = json.dumps(self.facts, ensure_ascii=False, default=_plain, sort_keys=True)
        return printable(text)


def explain(
    session: Session,
    *,
    decisions: Path,
    rejects: Path,
    parts: Sequence[str],
    matches: Sequence[str],
    duplicates: Sequence[str],
    judged: Sequence[str],
    policy: Policy,
    document: str,
) -> list[Explanation]:
    """Every capture of the URL, or the one document of the id, or the rejected records.

    document: a URL, a doc_id in hex, or a WARC-Record-ID. parts: scored parts, empty when the
    scored store is gone. matches: the table of documents elsewhere, where there is one.
    duplicates: that of matches between documents, unless it is gone. judged: the table of
    what people judged, where there is one. policy: the one that decided.
    Raises InputError, with the nearest URL, when nothing is known of it.
    """
    doc_id = document if re.fullmatch(r"[0-9a-fA-F]{32}", document) else ""
    rows = _rows(session, "decisions", decisions=[str(decisions)], doc_id=doc_id, url=document)
    for row in rows:
        row["matches"] = _matches(session, matches, row["id"])
        row["duplicate_match"] = _duplicate(session, duplicates, row)
        row["judged"] = _judged(session, judged, row["id"])
    found = [_explain_decision(session, parts, policy, row) for row in rows]
    ledger = _rows(session, "rejects", rejects=[str(rejects)], url=document)
    found += [_explain_reject(row) for row in ledger]
    if not found:
        near = _rows(session, "known", decisions=[str(decisions)], url=document)
        raise InputError(
            Problem(
                document,
                "no document and no rejected record has this URL, doc_id or record id",
                suggestion=near[0]["url"] if near else None,
            )
        )
    return found


def _explain_decision(
    session: Session, parts: Sequence[str], policy: Policy, row: Mapping[str, Any]
) -> Explanation:
    facts = dict(row)
    if parts:
        facts |= _rows(session, "scored", parts=list(parts), doc_id=row["id"])[0]
        facts["evidence"] = [*facts["evidence"], *row["judged"]]
    lines = [
        f"{row['url'] or row['record_id'] or row['source_uri']}  (doc_id {row['id']})",
        f"read from {row['source_uri']} at position {row['source_pos']}",
        *sentences(facts, policy),
    ]
    return Explanation(facts, lines)


def _explain_reject(row: Mapping[str, Any]) -> Explanation:
    detail = f" ({row['detail']})" if row["detail"] else ""
    return Explanation(
        row,
        [
            f"{row['url'] or row['record_id']}",
            f"read from {row['source_uri']} at position {row['source_pos']}",
            f"no document: {row['reason']}: {reasons.REJECT[row['reason']]}{detail}",
        ],
    )


def _matches(session: Session, matches: Sequence[str], doc_id: str) -> list[dict[str, Any]]:
    return _rows(session, "matches", matches=list(matches), doc_id=doc_id) if matches else []


def _judged(session: Session, judged: Sequence[str], doc_id: str) -> list[dict[str, Any]]:
    return _rows(session, "judged", judged=list(judged), doc_id=doc_id) if judged else []


def _duplicate(
    session: Session, duplicates: Sequence[str], row: Mapping[str, Any]
) -> dict[str, Any] | None:
    """How the document matches the one kept for it: kind, similarity and containment."""
    if row["duplicate_of"] is None or not duplicates:
        return None
    kept = row["duplicate_of"].hex()
    found = _rows(session, "duplicate", duplicates=list(duplicates), doc_id=row["id"], kept=kept)
    return found[0] if found else None


def _rows(session: Session, query: str, **parameters: Any) -> list[dict[str, Any]]:
    file = resources.files("provenance.report").joinpath(f"queries/explain_{query}.sql")
    rows: list[dict[str, Any]] = session.table(file.read_text(), **parameters).to_pylist()
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
