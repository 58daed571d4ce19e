"""The summary as plain text for a terminal: every number's unit is in its heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provenance import reasons
from provenance.evidence import tiers

_LANGUAGES_SHOWN = 12


def render(summary: Mapping[str, Any], mix: Mapping[str, Any], out: Path) -> str:
    """The summary of a cleaned crawl in a few short tables."""
    blocks = [
        _flow(summary),
        _strata(mix),
        _tiers(summary),
        _dropped(summary),
        _rejects(summary),
        _languages(summary),
        f"{out}/data holds the dataset; provenance explain {out} URL says why of one document",
    ]
    return "\n\n".join(block for block in blocks if block)


def render_totals(totals: Mapping[str, Any], out: Path) -> str:
    """The totals of a scored store."""
    known = {**reasons.REJECT, **reasons.FAULT}
    rows = [(reason, known[reason], f"{n:,}") for reason, n in _by_count(totals["rejects"])]
    blocks = [
        f"{totals['n_records']:,} records in {totals['files']:,} files ="
        f" {totals['n_documents']:,} documents + the rejects below",
        table(("rejected", "because", "records"), rows, left=2),
        f"next: provenance mix {out} --policy POLICY --out FOLDER",
    ]
    return "\n\n".join(block for block in blocks if block)


def _flow(summary: Mapping[str, Any]) -> str:
    rejected = sum(summary["rejects"].values())
    dropped = summary["documents"] - summary["kept_documents"]
    lines = [
        f"{summary['records']:,} records = {summary['documents']:,} documents"
        f" + {rejected:,} rejects",
        f"{summary['documents']:,} documents = {summary['kept_documents']:,} kept"
        f" ({summary['kept_tokens']:,} tokens) + {dropped:,} dropped",
    ]
    if summary["dated_by_an_earlier_copy"]:
        lines.append(
            f"{summary['dated_by_an_earlier_copy']:,} documents are dated by an earlier copy in"
            " this crawl"
        )
    if summary["abstained"]:
        lines.append(f"{summary['abstained']:,} documents no detector could judge")
    if summary["faults"]:
        faults = ", ".join(f"{n:,} {name}" for name, n in _by_count(summary["faults"]))
        lines.append(f"faults in the input, see rejects.parquet: {faults}")
    return "\n".join(lines)


def _strata(mix: Mapping[str, Any]) -> str:
    rows = [
        (
            s["name"], f"{s['share']:.4f}", f"{s['share_achieved']:.4f}",
            f"{s['kept_documents']:,}", f"{s['kept_tokens']:,}", f"{s['supply_tokens']:,}",
        )
        for s in mix["strata"]
    ]  # fmt: skip
    return table(("stratum", "share wanted", "share", "documents", "tokens", "supply"), rows)


def _tiers(summary: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{row['tier']}", tiers.REASONS.get(row["tier_reason"], row["tier_reason"]),
            f"{row['documents']:,}", f"{row['kept_documents']:,}", f"{row['kept_tokens']:,}",
        )
        for row in summary["tiers"]
    ]  # fmt: skip
    return table(("tier", "because", "documents", "kept", "kept tokens"), rows, left=2)


def _dropped(summary: Mapping[str, Any]) -> str:
    known = {**reasons.NO_TEXT, **reasons.DROP}
    rows = [
        (row["reason"], known.get(row["reason"], "a rule of the policy"), f"{row['documents']:,}",
         f"{row['tokens']:,}")
        for row in summary["dropped"]
    ]  # fmt: skip
    return table(("dropped", "because", "documents", "tokens"), rows, left=2)


def _rejects(summary: Mapping[str, Any]) -> str:
    rows = [(r, reasons.REJECT.get(r, ""), f"{n:,}") for r, n in _by_count(summary["rejects"])]
    return table(("rejected", "because", "records"), rows, left=2)


def _languages(summary: Mapping[str, Any]) -> str:
    shown = summary["languages"][:_LANGUAGES_SHOWN]
    rows = [
        (row["lang"], f"{row['documents']:,}", f"{row['kept_documents']:,}",
         f"{row['kept_tokens']:,}")
        for row in shown
    ]  # fmt: skip
    rest = len(summary["languages"]) - len(shown)
    tail = f"\n({rest} more languages in manifest.json)" if rest else ""
    return table(("language", "documents", "kept", "kept tokens"), rows) + tail


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Largest first, then by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def table(heading: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Aligned columns, the first `left` of them to the left; empty when there are no rows."""
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in [heading, *rows]) for i in range(len(heading))]
    lines = []
    for row in [heading, *rows]:
        cells = [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
