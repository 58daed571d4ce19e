"""One document's story in plain words: what was seen, what it counted for, why kept or dropped."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from provenance import reasons
from provenance.errors import InputError, Problem
from provenance.evidence import tiers
from provenance.evidence.contributions import contributions
from provenance.policy.model import Policy
from provenance.policy.prior import prior_of
from provenance.report.printable import printable, printable_line
from provenance.report.terminal import because, count
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


def sentences(facts: Mapping[str, Any], policy: Policy) -> list[str]:
    """What was seen in one document and what became of it, as it is: not yet safe to print.

    facts: its columns, of the decision and, where the store is at hand, of the store.
    """
    return [
        *_dates(facts),
        *_content(facts),
        *_detection(facts),
        *_grading(facts, policy),
        *_rights(facts),
        *_verdict(facts, {rule.reason: rule.when for rule in policy.drop}),
    ]


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


def _dates(facts: Mapping[str, Any]) -> list[str]:
    captured = facts["captured_at"]
    lines = [f"captured on {captured:%Y-%m-%d}" if captured else "capture date unknown"]
    if facts["anchor_doc"]:
        lines.append(
            f"first seen on {facts['first_seen']:%Y-%m-%d}: its text is covered by the earlier"
            f" document {facts['anchor_doc']}" + _elsewhere(facts, facts["anchor_doc"])
        )
    if facts["contaminated_by"]:
        item = facts["contaminated_by"].hex()
        lines.append(f"contains the benchmark item {item}" + _elsewhere(facts, item))
    return lines


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


_WHERE = {"anchor": "of an anchor", "earlier_run": "of an earlier run", "item": "excluded"}


def _elsewhere(facts: Mapping[str, Any], doc_id: str) -> str:
    """What `doc_id` is, with a comma before it, when it is a document outside the crawl."""
    for match in facts["matches"]:
        if match["id"] == doc_id:
            place = f"{match['source_uri']} position {match['source_pos']}"
            where = _WHERE[match["kind"]]
            return f", {where}: {match['url'] or match['record_id'] or place}"
    return ""


def _content(facts: Mapping[str, Any]) -> list[str]:
    if facts.get("no_text_reason"):
        return [f"no text: {reasons.NO_TEXT[facts['no_text_reason']]}"]
    line = f"language {facts['lang']}, {count(facts['n_tokens'], 'token')}"
    if facts["duplicate_of"]:
        kept = facts["duplicate_of"].hex()
        line += f"; matches document {kept}{_elsewhere(facts, kept)}" + _how(facts)
    cut = facts.get("truncated")
    return [line] + ([f"cut short by the crawler ({cut})"] if cut else [])


def _how(facts: Mapping[str, Any]) -> str:
    """The kind of the match with the kept document, where it is known, with a colon before it."""
    match = facts["duplicate_match"]
    if match is None:
        return ""
    return {
        "exact": ": the same text",
        "near": f": a near copy (Jaccard {match['similarity']:.2f})",
        "contained": f": contained in it ({match['containment']:.0%} of its own text)",
    }[match["kind"]]


def _detection(facts: Mapping[str, Any]) -> list[str]:
    if "score_linear" not in facts:
        return ["what detectors saw is in the scored store, which is not beside this dataset"]
    if facts["llr"] is None:
        why = facts["abstained_linear"]
        return [f"detector linear abstained: {reasons.ABSTAIN.get(why, why)}"]
    share, words = facts["human_tail"], count(facts["tokens_linear"], "word")
    return [
        f"detector linear: score {facts['score_linear']:.3f} over {words};"
        f" {share:.2%} of comparable human texts score as high",
        f"which multiplies the odds of being synthetic by {math.exp(facts['llr']):.3g}"
        f" ({math.exp(facts['llr_low']):.3g} to {math.exp(facts['llr_high']):.3g})",
    ]


def _grading(facts: Mapping[str, Any], policy: Policy) -> list[str]:
    return [
        *_weighing(facts, policy),
        f"probability of being synthetic {facts['p_synthetic']:.3g}"
        f" ({facts['p_low']:.3g} to {facts['p_high']:.3g}), prior by date and evidence included",
        f"tier {facts['tier']}: {tiers.REASONS[facts['tier_reason']]}",
    ]


def _weighing(facts: Mapping[str, Any], policy: Policy) -> list[str]:
    """What each thing known adds to the log-odds of being synthetic."""
    if "evidence" not in facts:
        return []
    found = contributions(facts, prior=prior_of(policy), cutoff=policy.cutoff)
    return [
        "log-odds of being synthetic, in nats:",
        *(f"  {one.llr:+.2f}  {one.kind}: {one.why}" for one in found),
        f"  {math.fsum(one.llr for one in found):+.2f}  in all",
    ]


def _rights(facts: Mapping[str, Any]) -> list[str]:
    """What its publisher says about training, and where."""
    said = [
        f"{right['source']} ({right['preference']})"
        for right in facts["rights"] or ()
        if right["use"] == "train_ai"
    ]
    return [f"may train AI: {facts['train_ai']}: {', '.join(said)}"] if said else []


def _verdict(facts: Mapping[str, Any], rules: Mapping[str, str]) -> list[str]:
    if facts["decision"] == "keep":
        times = f", {facts['epochs']} times" if facts["epochs"] > 1 else ""
        return [f"KEPT in stratum {facts['stratum']}{times}" if facts["stratum"] else "KEPT"]
    return [f"DROPPED: {reason}: {because(reason, rules)}" for reason in facts["reasons"]]


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
