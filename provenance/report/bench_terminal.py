"""The main rows of a bench as plain text, and how a bench's numbers are written everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from provenance.report.printable import printable
from provenance.report.terminal import count, table

_ROWS_SHOWN: Final = 40
NOTHING: Final = "-"


def render_bench(facts: Mapping[str, Any], out: Path) -> str:
    """Whole datasets, then (of one dataset) its groups; non-native writers; speed; failures."""
    rates = facts["rates"]
    whole = [row for row in facts["rows"] if row["kind"] == "all"]
    blocks = [
        table(("dataset", *heading(rates)), [(row["dataset"], *cells(row, rates)) for row in whole],
              left=2),
        _groups(facts["rows"], rates),
        _held_out(facts["held_out"], rates),
        _non_native(facts["non_native"], rates),
        _speed(facts["speed"]),
        *map(warning, facts["detectors"]),
        fusion(facts),
        explanation(facts),
        f"every group is in {out}/bench.html and, for machines, in {out}/bench.json",
    ]  # fmt: skip
    return printable("\n\n".join(block for block in blocks if block))


def heading(rates: Sequence[str]) -> tuple[str, ...]:
    """The columns of `cells`."""
    by_rate = (
        name
        for rate in rates
        for name in (f"TPR@{percent(rate)} own", f"TPR@{percent(rate)} cal",
                     f"FPR@{percent(rate)} cal")
    )  # fmt: skip
    return ("detector", "human", "ai", "scored", "AUROC", *by_rate, "Cllr", "ECE")


def cells(row: Mapping[str, Any], rates: Sequence[str]) -> tuple[str, ...]:
    """A row of the bench, written out; NOTHING where there is nothing to measure."""
    n = row["n_human"] + row["n_ai"]
    scored = (row["scored_human"] + row["scored_ai"]) / n if n else 0.0
    ratio = row["llr"] or {}
    by_rate = [cell for rate in rates for cell in _rate_cells(row, rate)]
    return (
        row["detector"], f"{row['n_human']:,}", f"{row['n_ai']:,}", f"{scored:.1%}",
        _estimate(row["auroc"], "value", "low", "high", ".3f"), *by_rate,
        _decimals(ratio.get("cllr")), _decimals(ratio.get("calibration_error")),
    )  # fmt: skip


def domain_heading(rates: Sequence[str]) -> tuple[str, ...]:
    """The columns of `domain_cells`."""
    return tuple(f"TPR@{percent(rate)} dom" for rate in rates)


def domain_cells(row: Mapping[str, Any], rates: Sequence[str]) -> tuple[str, ...]:
    """By rate: machine texts found at the threshold of each domain's own human texts."""
    return tuple(
        _estimate(row["per_domain"][rate], "tpr", "tpr_low", "tpr_high", ".2f") for rate in rates
    )


def _rate_cells(row: Mapping[str, Any], rate: str) -> tuple[str, str, str]:
    own, calibrated = row["oracle"][rate], row["calibrated"][rate]
    mark = "" if own is None or own["is_supported"] else "*"
    return (
        _estimate(own, "tpr", "low", "high", ".2f") + mark,
        _estimate(calibrated, "tpr", "tpr_low", "tpr_high", ".2f"),
        _estimate(calibrated, "fpr", "fpr_low", "fpr_high", ".3f"),
    )


def _estimate(found: Mapping[str, Any] | None, name: str, low: str, high: str, form: str) -> str:
    if not found or name not in found:
        return NOTHING
    return f"{found[name]:{form}} ({found[low]:{form}}-{found[high]:{form}})"


def _decimals(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def percent(rate: str) -> str:
    """0.01 -> 1%."""
    return f"{float(rate) * 100:g}%"


def explanation(facts: Mapping[str, Any]) -> str:
    """What the columns mean; every sentence holds for the numbers of this very bench."""
    return (
        "TPR own: threshold set on the group's own human texts, as published comparisons do (* too"
        " few human texts for the rate: the threshold is their highest score); 95 % bootstrap"
        f" intervals over documents, {facts['bootstrap']['resamples']:,} resamples.\n"
        "cal: threshold of the detector's calibration; FPR cal is the realised rate, Wilson"
        " intervals; - where no calibration fits, or its human texts are too few for the rate.\n"
        "scored: share of texts that the detector did not abstain from; the others are left out of"
        " every rate. Multiply TPR by it for the share of all machine texts that is found."
    )


def fusion(facts: Mapping[str, Any]) -> str:
    """What the rows called fused are of, or nothing."""
    made = facts["fusion"]
    if made is None:
        return ""
    how = "as the fusion that ships" if made["data_digest"] else "by the mean: none ships for them"
    return f"fused: the log-likelihood ratios of {', '.join(made['detectors'])} together, {how}"


def warning(detector: Mapping[str, Any]) -> str:
    """What a detector raised, and which datasets it knows already; or nothing."""
    said = []
    if failed := detector["failure"]:
        said.append(
            f"{detector['name']} gave no score for {count(failed['n_texts'], 'text')}, first for"
            f" {failed['id']!r}: {failed['message']}"
        )
    if known := detector["fitted_on"]:
        said.append(
            f"{detector['name']} was fitted on {', '.join(known)}: its rows there flatter it"
        )
    return "\n".join(said)


def _groups(rows: Sequence[Mapping[str, Any]], rates: Sequence[str]) -> str:
    if len({row["dataset"] for row in rows}) != 1:
        return ""
    inside = [row for row in rows if row["kind"] != "all"]
    shown = [(row["kind"], row["value"], *cells(row, rates)) for row in inside[:_ROWS_SHOWN]]
    rest = len(inside) - len(shown)
    tail = f"\n({count(rest, 'more row')} in bench.html)" if rest else ""
    return table(("by", "", *heading(rates)), shown, left=3) + tail


def _held_out(found: Mapping[str, Any] | None, rates: Sequence[str]) -> str:
    if found is None:
        return ""
    rows = found["rows"]
    shown = [(row["dataset"], row["value"], *cells(row, rates)) for row in rows[:_ROWS_SHOWN]]
    rest = len(rows) - len(shown)
    tail = f"\n({count(rest, 'more row')} in bench.html)" if rest > 0 else ""
    made = table(("dataset", f"{found['by']} left out", *heading(rates)), shown, left=3)
    return f"{made}{tail}\n{found['refitted']}"


def _non_native(rows: Sequence[Mapping[str, Any]], rates: Sequence[str]) -> str:
    shown = [
        (row["dataset"], row["domain"], row["language"], row["detector"], f"{row['n_human']:,}",
         *non_native_cells(row, rates))
        for row in rows
    ]  # fmt: skip
    return table(("dataset", "non-native domain", "language", "detector", "human",
                  *non_native_heading(rates)), shown, left=4)  # fmt: skip


def non_native_heading(rates: Sequence[str]) -> tuple[str, ...]:
    """The columns of `non_native_cells`."""
    return tuple(
        name for rate in rates
        for name in (f"FPR@{percent(rate)} native's", f"FPR@{percent(rate)} cal")
    )  # fmt: skip


def non_native_cells(row: Mapping[str, Any], rates: Sequence[str]) -> tuple[str, ...]:
    """By rate: the share above the threshold of native writers, and above the calibrated one."""
    return tuple(
        cell
        for rate in rates
        for cell in (
            _decimals(row["native"][rate]),
            _estimate(row["calibrated"][rate], "fpr", "fpr_low", "fpr_high", ".3f"),
        )
    )


def _speed(rows: Sequence[Mapping[str, Any]]) -> str:
    return table(speed_heading(), [speed_cells(row) for row in rows])


def speed_heading() -> tuple[str, ...]:
    """The columns of `speed_cells`."""
    return ("detector", "documents/s", "tokens/s", "cost per million documents")


def speed_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A detector's speed, written out."""
    cost = row["cost_per_million_documents"]
    return (
        row["detector"], _speed_figure(row["documents_per_second"]),
        _speed_figure(row["tokens_per_second"]), NOTHING if cost is None else f"{cost:,.2f}",
    )  # fmt: skip


def _speed_figure(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
