"""An anchor, and what it says of a text, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provenance.dedup.anchor.ask import AnchorMatch
from provenance.report.printable import printable, printable_line
from provenance.report.terminal import count


def render_anchor(facts: Mapping[str, Any], out: Path) -> str:
    """The content of an anchor in a few lines."""
    undated = facts["n_undated"]
    lines = [
        f"{count(facts['n_documents'], 'document')} with {count(facts['n_texts'], 'distinct text')}"
        f" in {count(facts['segments'], 'segment')}",
        f"captured from {facts['earliest'] or 'unknown'} to {facts['latest'] or 'unknown'}",
        f"{count(undated, 'document')} without a capture date: no date to lend" if undated else "",
        f"{facts['size_bytes'] / 2**20:,.1f} MiB on disk, digest {facts['digest']}",
        f"used by: provenance clean CRAWL --anchor {out} --out FOLDER",
    ]
    return printable("\n".join(line for line in lines if line))


def render_matches(matches: Sequence[AnchorMatch]) -> str:
    """A line for each archived document that holds some of a text."""
    if not matches:
        return "nothing of this text is in the anchor"
    return "\n".join(printable_line(_line(match)) for match in matches)


def _line(match: AnchorMatch) -> str:
    when = f"{match.captured_at:%Y-%m-%d}" if match.captured_at else "an unknown day"
    what = "dates it" if match.is_covered else "is too little to date it"
    name = match.url or match.record_id or match.doc_id
    return f"{match.containment:.0%} of it is in {name} of {when}, which {what}"
