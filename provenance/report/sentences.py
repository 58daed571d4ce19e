"""One document's story in sentences: what was seen, what it counted for, why kept or dropped."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from provenance import reasons
from provenance.evidence import tiers
from provenance.evidence.contributions import contributions
from provenance.evidence.masking import MASKED
from provenance.policy.model import Policy
from provenance.policy.prior import prior_of
from provenance.report.terminal import because, count

_WHERE = {"anchor": "of an anchor", "earlier_run": "of an earlier run", "item": "excluded"}


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
        return [f"no text: {reasons.NO_TEXT[facts['no_text_reason']]}", *_masked(facts)]
    line = f"language {facts['lang']}, {count(facts['n_tokens'], 'token')}"
    if facts["duplicate_of"]:
        kept = facts["duplicate_of"].hex()
        line += f"; matches document {kept}{_elsewhere(facts, kept)}" + _how(facts)
    cut = facts.get("truncated")
    return [line, *_masked(facts)] + ([f"cut short by the crawler ({cut})"] if cut else [])


def _masked(facts: Mapping[str, Any]) -> list[str]:
    """What was left out of the text."""
    return [
        f"left out of the text: {fact['detail']}"
        for fact in facts.get("evidence") or ()
        if fact["kind"] == MASKED
    ]


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
    names = [name.removeprefix("score_") for name in facts if name.startswith("score_")]
    if not names:
        return ["what detectors saw is in the scored store, which is not beside this dataset"]
    lines = [_detector(facts, name) for name in names]
    if facts["llr"] is None:
        return lines
    return [
        *lines,
        f"at most {facts['human_tail']:.2%} of comparable human texts score as high; the score"
        f" multiplies the odds of being synthetic by {math.exp(facts['llr']):.3g}"
        f" ({math.exp(facts['llr_low']):.3g} to {math.exp(facts['llr_high']):.3g})",
    ]


def _detector(facts: Mapping[str, Any], name: str) -> str:
    """What one detector saw, or why it said nothing."""
    score, why = facts[f"score_{name}"], facts[f"abstained_{name}"]
    if why == "not_needed":
        return f"detector {name} was not asked: {reasons.ABSTAIN[why]}"
    silent = f"detector {name} abstained: {reasons.ABSTAIN.get(why, why)}"
    if score is None:
        return silent
    said = f"score {score:.3f} over {count(facts[f'tokens_{name}'], 'token')}"
    return f"{silent} ({said})" if why else f"detector {name}: {said}"


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
    """Kept or dropped, after the rules that did not count because the document is protected."""
    waived = [reason for reason in facts["reasons"] if facts["protected"] and reason in rules]
    lines = [f"spared as one of the rarest human documents: {_why(reason, rules, facts)}"
             for reason in waived]  # fmt: skip
    if facts["weight"] > 1:
        lines.append(f"weighs {facts['weight']:.2f} in sampling, for its rarity")
    if facts["decision"] == "keep":
        times = f", {facts['epochs']} times" if facts["epochs"] > 1 else ""
        return [
            *lines,
            f"KEPT in stratum {facts['stratum']}{times}" if facts["stratum"] else "KEPT",
        ]
    counting = [reason for reason in facts["reasons"] if reason not in waived]
    return [*lines, *(f"DROPPED: {_why(reason, rules, facts)}" for reason in counting)]


def _why(reason: str, rules: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    """The reason, its rule, and the numbers that the rule looked at."""
    names = dict.fromkeys(re.findall(r"[a-z][a-z0-9_]*", rules.get(reason, "")))
    numbers = [
        f"{name} {facts[name]:.4g}"
        for name in names
        if isinstance(facts.get(name), int | float) and not isinstance(facts[name], bool)
    ]
    seen = f" ({', '.join(numbers)})" if numbers else ""
    return f"{reason}: {because(reason, rules)}{seen}"
