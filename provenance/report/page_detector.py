"""The page's section on detectors: what they say together, and each one's part in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance import reasons
from provenance.report.charts import axis, columns
from provenance.report.detection import SCORE_STEP
from provenance.report.html import Markup, element, joined, table
from provenance.report.terminal import count

_ENDLESS: Final = 1_000_000


def section(detection: Mapping[str, Any]) -> Markup:
    """What the detectors say together, each one's scores and thresholds, then abstentions."""
    parts = [_method(detection), *_cascade(detection["detectors"])]
    for language in detection["languages"]:
        parts += _joint(language)
    for detector in detection["detectors"]:
        parts += _detector(detector, detection["false_positive_rate"])
    rows = [
        (row["reason"], reasons.ABSTAIN.get(row["reason"], ""), f"{row['documents']:,}",
         f"{row['tokens']:,}")
        for row in detection["abstained"]
    ]  # fmt: skip
    if rows:
        heading = ("abstained", "because", "documents", "tokens")
        parts.append(element("h3", "Documents that no detector judged"))
        parts.append(table("Abstentions by reason", heading, rows, left=2))
    return joined(parts)


def _method(detection: Mapping[str, Any]) -> Markup:
    names = ", ".join(detector["name"] for detector in detection["detectors"])
    return element(
        "p",
        f"Detectors, cheapest first: {names}. A higher score is more machine-like. A document is"
        f" flagged when at most {detection['false_positive_rate']:g} of comparable human texts"
        " score as high, by all detectors together.",
    )


def _cascade(detectors: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """Who was asked about how many documents, where any was spared."""
    if not any(detector["spared"] for detector in detectors):
        return []
    rows = []
    for detector in detectors:
        share = detector["spared"] / max(1, detector["spared"] + detector["asked"])
        rows.append((
            detector["name"], f"{detector['asked']:,}", f"{detector['spared']:,}", f"{share:.1%}",
            f"{detector['seconds_saved']:,.0f}",
        ))  # fmt: skip
    heading = ("detector", "asked", "spared", "share spared", "seconds saved")
    said = (
        "A document is spared a detector that could not change what becomes of it. Seconds are of"
        " one CPU core, by the detector's stated cost; detectors of one pass are paid for once."
    )
    return [element("p", said), table("Documents by detector", heading, rows)]


def _joint(language: Mapping[str, Any]) -> list[Markup]:
    lang = language["lang"]
    judged = count(language["documents"], "judged document")
    return [
        element("h3", f"Language {lang}: {judged}, {language['flagged']:,} flagged"),
        *_tails(language["human_tail"], lang),
    ]


def _detector(detector: Mapping[str, Any], rate: float) -> list[Markup]:
    name, digest = detector["name"], detector["calibration"]
    known = (
        f"Thresholds are those that at most {rate:g} of human texts of the same language and length"
        f" exceed, by the calibration with digest {digest}."
        if digest
        else "No calibration that its scores were read with is at hand: no threshold is named."
    )
    parts = [element("h3", f"Detector {name}"), element("p", known)]
    for language in detector["languages"]:
        lang, documents = language["lang"], language["documents"]
        parts.append(element("h4", f"Language {lang}: {count(documents, 'calibrated score')}"))
        parts += [*_scores(name, language), _thresholds(language["lengths"], lang)]
    return parts


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
        "Share of comparable human texts that score as high, at most (human_tail). Were every"
        " document human, no column at the left would be higher than those to its right by more"
        " than chance; machine text stands at the left."
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
