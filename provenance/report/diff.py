"""Two datasets compared, document by document: what entered, what left, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from provenance.report.printable import printable
from provenance.report.statements import statement
from provenance.report.terminal import count, table
from provenance.session import Session

GROUPS: Final = ("stratum", "lang", "host", "year")
_GROUPS_LISTED: Final = 50
_MOVES_SHOWN: Final = 20
_GROUPS_SHOWN: Final = 10
_HEADINGS: Final = {"lang": "language", "year": "captured in"}


def compare(session: Session, before: Path, after: Path) -> dict[str, Any]:
    """What changed from one decisions.parquet to another, as JSON values.

    Documents are matched by doc_id. moves: from which state to which ("kept", "dropped: " and the
    reason, or "absent"), with the tokens gained. recounted: kept in both, but with other epochs
    or another count. by: for each of GROUPS, what entered and left; `groups` counts those not
    listed too. Tokens count once per epoch.
    """
    session.run(statement("diff_pairs"), a=[str(before)], b=[str(after)])
    by = {
        name: session.table(statement("diff_group"), group=name, n=_GROUPS_LISTED).to_pylist()
        for name in GROUPS
    }
    moves = session.table(statement("diff_moves")).to_pylist()
    return {
        **session.table(statement("diff_totals")).to_pylist()[0],
        "entered_documents": _sum(moves, "documents", after="kept"),
        "entered_tokens": _sum(moves, "tokens", after="kept"),
        "left_documents": _sum(moves, "documents", before="kept"),
        "left_tokens": -_sum(moves, "tokens", before="kept"),
        "moves": moves,
        "by": {name: _groups(rows) for name, rows in by.items()},
    }


def _sum(moves: Sequence[Mapping[str, Any]], what: str, **state: str) -> int:
    ((side, value),) = state.items()
    return sum(move[what] for move in moves if move[side] == value)


def _groups(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    total = rows[0]["n_groups"] if rows else 0
    listed = [{key: row[key] for key in row if key != "n_groups"} for row in rows]
    return {"groups": total, "listed": listed}


def render(facts: Mapping[str, Any]) -> str:
    """The comparison in a few short tables, for a terminal."""
    blocks = [
        "\n".join(_flow(facts)),
        _moves(facts["moves"]),
        *(_group(name, facts["by"][name]) for name in GROUPS),
    ]
    return printable("\n\n".join(block for block in blocks if block))


def _flow(facts: Mapping[str, Any]) -> list[str]:
    lines = [
        f"before: {count(facts['kept_before'], 'document')} kept"
        f" ({count(facts['tokens_before'], 'token')})",
        f"entered: {count(facts['entered_documents'], 'document')}"
        f" ({count(facts['entered_tokens'], 'token')})",
        f"left: {count(facts['left_documents'], 'document')}"
        f" ({count(facts['left_tokens'], 'token')})",
        f"kept in both, counted otherwise: {count(facts['recounted_documents'], 'document')}"
        f" ({facts['recounted_tokens']:+,} tokens)",
        f"after: {count(facts['kept_after'], 'document')} kept"
        f" ({count(facts['tokens_after'], 'token')})",
    ]
    if facts["only_before"] or facts["only_after"]:
        lines.append(
            f"read in the first alone: {count(facts['only_before'], 'document')};"
            f" in the second alone: {count(facts['only_after'], 'document')}"
        )
    if facts["policy_keys"]:
        lines.append(f"policy keys that differ: {', '.join(facts['policy_keys'])}")
    return lines


def _moves(moves: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (move["before"], move["after"], f"{move['documents']:,}", f"{move['tokens']:+,}")
        for move in moves[:_MOVES_SHOWN]
    ]
    rest = len(moves) - len(rows)
    tail = f"\n({count(rest, 'more move')} in --json)" if rest else ""
    return table(("before", "after", "documents", "tokens"), rows, left=2) + tail


def _group(name: str, group: Mapping[str, Any]) -> str:
    rows = [
        (
            row["name"] or "none",
            f"{row['entered_documents']:,}", f"{row['left_documents']:,}",
            f"{row['entered_tokens']:,}", f"{row['left_tokens']:,}",
            f"{row['entered_tokens'] - row['left_tokens']:+,}",
        )
        for row in group["listed"][:_GROUPS_SHOWN]
    ]  # fmt: skip
    rest = group["groups"] - len(rows)
    tail = f"\n({rest:,} more)" if rest else ""
    heading = (_HEADINGS.get(name, name), "entered", "left", "tokens in", "tokens out", "net")
    return table(heading, rows) + tail
