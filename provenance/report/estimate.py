"""Estimated shares of synthetic text, as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance.report.printable import printable
from provenance.report.terminal import count, table

_SHOWN: Final = 40
_METHODS: Final = {"too_few": "too few documents", "none": "no document could be judged"}


def render_estimates(rows: Sequence[Mapping[str, Any]]) -> str:
    """Groups of each kind, largest first, but months in order."""
    kinds = dict.fromkeys(row["by"] for row in rows)
    blocks = [_block(kind, [row for row in rows if row["by"] == kind]) for kind in kinds]
    return printable("\n\n".join([*blocks, *_notes(rows)]))


def _block(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Groups without an estimate are one line, unless there is no other."""
    known = [row for row in rows if row["method"] not in _METHODS]
    return "\n".join(filter(None, (_table(kind, known or rows), _unknown(known, rows))))


def _unknown(known: Sequence[object], rows: Sequence[Mapping[str, Any]]) -> str:
    unknown = [row for row in rows if row["method"] in _METHODS] if known else []
    documents = sum(row["documents"] for row in unknown)
    groups = count(len(unknown), "group")
    return f"no estimate for {groups} of {count(documents, 'document')}" if unknown else ""


def _table(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    ordered = rows if kind == "month" else sorted(rows, key=lambda row: -row["documents"])
    heading = ("corpus" if kind == "all" else kind, "documents", "judged", "synthetic", "95 %",
               "of tokens", "")  # fmt: skip
    lines = [_line(row) for row in ordered[:_SHOWN]]
    left = len(rows) - len(lines)
    return table(heading, lines) + (f"\n... and {left:,} more (--json, --csv)" if left else "")


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    synthetic, interval = _percent(row["share"]), ""
    if row["method"] == "mixture":
        interval = f"{row['low']:.1%} to {row['high']:.1%}"
    elif row["method"] == "lower_bound":
        synthetic, interval = "", f"{row['low'] or 0:.1%} or more"
    note = _METHODS.get(row["method"], "does not fit" if row["fits"] is False else "")
    return (
        row["group"], f"{row['documents']:,}", f"{row['judged']:,}", synthetic, interval,
        _percent(row["share_tokens"]), note,
    )  # fmt: skip


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _notes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    notes = []
    if any(row["fits"] is False for row in rows):
        notes.append(
            "does not fit: these scores are like no mixture of the reference's human and machine\n"
            "texts, so the interval does not hold; calibrate on texts of this kind"
        )
    if any(row["method"] == "lower_bound" for row in rows):
        notes.append("or more: with human texts alone as the reference only a bound can be had")
    return notes
