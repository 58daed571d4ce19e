"""The summary as plain text for a terminal: every number's unit is in its heading."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provenance import reasons
from provenance.evidence import tiers
from provenance.report.printable import printable

_LANGUAGES_SHOWN = 12
_LANGUAGE_WORDS = {"und": "unknown (und)", "none": "no text"}
_RULE_CHARACTERS = 70


def render(manifest: Mapping[str, Any], out: Path) -> str:
    """The content of `manifest.json` in a few short tables."""
    summary = manifest["summary"]
    blocks = [
        _flow(summary, manifest["input"]),
        _strata(manifest["mix"]),
        _tiers(summary),
        _dropped(summary, {rule["reason"]: rule["when"] for rule in manifest["policy"]["drop"]}),
        _ledger(summary["rejects"], summary["faults"]),
        _train_ai(summary),
        _languages(summary),
        f"the dataset is in {out}/data, the report in {out}/report.html\n"
        f"what became of one page: provenance explain {out} URL",
    ]
    return printable("\n\n".join(block for block in blocks if block))


def render_totals(totals: Mapping[str, Any], out: Path) -> str:
    """The totals of a scored store."""
    rejects = {reason: n for reason, n in totals["rejects"].items() if reason in reasons.REJECT}
    faults = {reason: n for reason, n in totals["rejects"].items() if reason in reasons.FAULT}
    n_rejects = totals["n_records"] - totals["n_documents"]
    blocks = [
        f"{count(totals['n_records'], 'record')} in {count(totals['files'], 'file')} ="
        f" {count(totals['n_documents'], 'document')} + {count(n_rejects, 'reject')}"
        + _skipped(totals["skipped_files"]),
        _ledger(rejects, faults),
        f"next: provenance mix {out} --policy POLICY --out FOLDER",
    ]
    return printable("\n\n".join(block for block in blocks if block))


def count(n: int, thing: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def _flow(summary: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    rejected = sum(summary["rejects"].values())
    dropped = summary["documents"] - summary["kept_documents"]
    lines = [
        f"{count(summary['records'], 'record')} in {count(given['files'], 'file')} ="
        f" {count(summary['documents'], 'document')} + {count(rejected, 'reject')}",
        f"{count(summary['documents'], 'document')} = {summary['kept_documents']:,} kept"
        f" ({count(summary['kept_tokens'], 'token')}) + {dropped:,} dropped",
    ]
    if n := summary["dated_by_an_earlier_copy"]:
        lines.append(f"dated by an earlier copy: {count(n, 'document')}")
    if n := summary["abstained"]:
        lines.append(f"no detector could judge: {count(n, 'document')}")
    return "\n".join(lines) + _skipped(given["skipped_files"])


def _skipped(files: Sequence[str]) -> str:
    """How many files below the inputs were not read, with the first of them as the example."""
    if not files:
        return ""
    return f"\nnot read: {count(len(files), 'file')}, such as {files[0]}"


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


def _dropped(summary: Mapping[str, Any], rules: Mapping[str, str]) -> str:
    rows = [
        (row["reason"], because(row["reason"], rules), f"{row['documents']:,}",
         f"{row['tokens']:,}")
        for row in summary["dropped"]
    ]  # fmt: skip
    return table(("dropped", "because", "documents", "tokens"), rows, left=2)


def because(reason: str, rules: Mapping[str, str]) -> str:
    """What a drop reason stands for: the sentence of the program, or the rule of the policy."""
    known = {**reasons.NO_TEXT, **reasons.DROP}
    if reason in known:
        return known[reason]
    if reason not in rules:
        return "a rule of the policy"
    return "policy: " + textwrap.shorten(rules[reason], _RULE_CHARACTERS, placeholder=" ...")


def _ledger(rejects: Mapping[str, int], faults: Mapping[str, int]) -> str:
    """Records that are no documents, then what is no record."""
    rows = [(r, reasons.REJECT.get(r, ""), f"{n:,}") for r, n in _by_count(rejects)]
    other = [(r, reasons.FAULT.get(r, ""), f"{n:,}") for r, n in _by_count(faults)]
    blocks = [
        table(("rejected", "because", "records"), rows, left=2),
        table(("fault in a file", "what", "places"), other, left=2),
    ]
    return "\n\n".join(block for block in blocks if block)


def _train_ai(summary: Mapping[str, Any]) -> str:
    """What publishers say about training, where any of them says something."""
    rows = [
        (row["train_ai"], f"{row['documents']:,}", f"{row['kept_documents']:,}",
         f"{row['kept_tokens']:,}")
        for row in summary["train_ai"]
    ]  # fmt: skip
    if all(name == "unspecified" for name, *_ in rows):
        return ""
    return table(("may train AI", "documents", "kept", "kept tokens"), rows)


def _languages(summary: Mapping[str, Any]) -> str:
    shown = summary["languages"][:_LANGUAGES_SHOWN]
    rows = [
        (_LANGUAGE_WORDS.get(row["lang"], row["lang"]), f"{row['documents']:,}",
         f"{row['kept_documents']:,}", f"{row['kept_tokens']:,}")
        for row in shown
    ]  # fmt: skip
    rest = len(summary["languages"]) - len(shown)
    tail = f"\n({count(rest, 'more language')} in manifest.json)" if rest else ""
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
