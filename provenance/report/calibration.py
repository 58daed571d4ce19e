"""What a calibration found, as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from provenance.report.printable import printable
from provenance.report.terminal import count, table

_ENDLESS: Final = 1_000_000


def render_calibrations(
    rows: Sequence[Mapping[str, Any]], counts: Mapping[str, Any], *, fpr: float, out: Path
) -> str:
    """One line per group of texts, and what was left out.

    The interval is that of the share of further human texts that the threshold will flag.
    """
    heading = ("detector", "language", "domain", "length", "texts", "threshold", f"rate at {fpr:g}")
    lines = [
        (
            row["detector"], row["language"], row["domain"] or "any", words(row),
            f"{row['human_texts']:,}", *_outcome(row),
        )
        for row in rows
    ]  # fmt: skip
    blocks = [_counts(counts), table(heading, lines), _next(out)]
    return printable("\n\n".join(block for block in blocks if block))


def words(row: Mapping[str, Any]) -> str:
    """The lengths of a group, in the detector's tokens."""
    last = row["max_tokens"]
    return f"{row['min_tokens']:,}" + ("+" if last >= _ENDLESS else f" to {last:,}")


def _outcome(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["threshold"] is not None:
        return f"{row['threshold']:.4f}", f"{row['fpr_low']:.2%} to {row['fpr_high']:.2%}"
    instead = f"read as {row['read_by']}" if row["read_by"] else "abstains"
    return f"needs {row['needed']:,} texts", instead


def _counts(counts: Mapping[str, Any]) -> str:
    lines = [f"{count(counts['texts'], 'human text')}, {count(counts['duplicates'], 'duplicate')}"]
    lines += [f"not read: {n:,} {reason}" for reason, n in counts["rejects"].items()]
    lines += [
        f"{name} abstained: {n:,} {reason}"
        for name, found in counts["abstained"].items()
        for reason, n in found.items()
    ]
    return "\n".join(lines)


def _next(out: Path) -> str:
    return f"next: provenance clean CRAWL --calibration {out} --out FOLDER"
