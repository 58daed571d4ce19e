"""The page's section on detectors: distributions, thresholds, and what was never scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance import reasons
from provenance.report.charts import axis, columns
from provenance.report.html import Markup, element, joined, table
from provenance.report.statistics import SCORE_STEP
from provenance.report.terminal import count

_ENDLESS: Final = 1_000_000


def section(detector: Mapping[str, Any]) -> Markup:
    """Scores by language against their thresholds, then abstentions."""
    parts = [_method(detector)]
    for language in detector["languages"]:
        parts += _language(detector["name"], language)
    rows = [
        (row["reason"], reasons.ABSTAIN.get(row["reason"], ""), f"{row['documents']:,}",
         f"{row['tokens']:,}")
        for row in detector["abstained"]
    ]  # fmt: skip
    if rows:
        heading = ("abstained", "because", "documents", "tokens")
        parts.append(element("h3", "Documents that no detector judged"))
        parts.append(table("Abstentions by reason", heading, rows, left=2))
    return joined(parts)


def _method(detector: Mapping[str, Any]) -> Markup:
    rate, digest = detector["false_positive_rate"], detector["calibration"]
    known = (
        f"Thresholds are those that at most {rate:g} of human texts of the same language and length"
        f" exceed, by the calibration with digest {digest}."
        if digest
        else "The calibration these scores were read with is not at hand: no threshold is named."
    )
    said = f"Detector {detector['name']}. {known} A higher score is more machine-like."
    return element("p", said)


def _language(detector: str, language: Mapping[str, Any]) -> list[Markup]:
    lang, documents = language["lang"], language["documents"]
    return [
        element("h3", f"Language {lang}: {count(documents, 'calibrated score')}"),
        *_scores(detector, language),
        *_tails(language["human_tail"], lang),
        _thresholds(language["lengths"], lang),
    ]


def _scores(detector: str, language: Mapping[str, Any]) -> list[Markup]:
    counts = dict(language["score"])
    low, high = min(counts), max(counts) + SCORE_STEP
    starts = [low + i * SCORE_STEP for i in range(round((high - low) / SCORE_STEP))]
    thresholds = [one["threshold"] for one in language["lengths"] if one["threshold"] is not None]
    marks = [(t - low) / (high - low) for t in thresholds if low <= t <= high]
    named = ", ".join(f"{t:.2f}" for t in thresholds) or "none"
    label = (
        f"Score of detector {detector} from {low:g} to {high:g} in steps of {SCORE_STEP:g};"
        f" thresholds at {named}."
    )
    caption = "Scores; dashed lines are the thresholds, one per length." if marks else "Scores."
    rows = [(f"{start:g} to {start + SCORE_STEP:g}", f"{counts.get(start, 0):,}")
            for start in starts]  # fmt: skip
    return [
        element("p", caption),
        columns([[counts.get(start, 0)] for start in starts], ["a"], label=label, marks=marks),
        axis(f"{low:g}", f"{(low + high) / 2:g}", f"{high:g}"),
        element("details", element("summary", "Scores as a table"),
                table(f"Documents by score, language {language['lang']}", ("score", "documents"),
                      rows)),
    ]  # fmt: skip


def _tails(tails: Sequence[int], lang: str) -> list[Markup]:
    label = "Share of comparable human texts that score as high, in steps of 0.05: " + ", ".join(
        f"{n:,}" for n in tails
    )
    said = (
        "Share of comparable human texts that score as high (human_tail). Were every document"
        " human, the columns would be level; machine text stands at the left."
    )
    chart = columns([[n] for n in tails], ["b"], label=f"{label}; language {lang}.")
    return [element("p", said), chart, axis("0", "0.5", "1")]


def _thresholds(lengths: Sequence[Mapping[str, Any]], lang: str) -> Markup:
    if not lengths:
        return Markup("")
    rows = [
        (
            _words(one), "too few human texts" if one["threshold"] is None
            else f"{one['threshold']:.3f}",
            f"{one['human_texts']:,} from {one['human_sources']:,}",
            f"{one['documents']:,}", f"{one['flagged']:,}",
        )
        for one in lengths
    ]  # fmt: skip
    heading = ("words", "threshold", "human texts, sources", "documents", "flagged")
    return table(f"Thresholds by length, language {lang}", heading, rows)


def _words(one: Mapping[str, Any]) -> str:
    last = one["max_tokens"]
    return f"{one['min_tokens']:,} " + ("and more" if last >= _ENDLESS else f"to {last:,}")
