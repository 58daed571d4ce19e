"""Where a policy's decisions turn on detection: the numbers that its predicates compare it with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from provenance import batch
from provenance.policy.model import Policy
from provenance.policy.predicates import column_names, syntax_trees

#: Columns of detection that a comparison with a number cuts in two.
CUT_COLUMNS: Final = ("p_synthetic", "p_low", "p_high", "llr", "llr_low", "llr_high", "human_tail")
#: Columns that follow from these and from what is known without detection.
_GRADED: Final = ("tier", "tier_reason", "source_class")

Cut = tuple[str, float]


def cuts(policy: Policy) -> tuple[Cut, ...] | None:
    """(column, number) of every comparison of CUT_COLUMNS, sorted; None: one is used otherwise.

    The predicates are taken to be right: DuckDB parses them, and a `Policy` was checked.
    """
    found: set[Cut] = set()
    for tree in syntax_trees(policy):
        waiting: list[Any] = [tree]
        while waiting:
            node = waiting.pop()
            made = _comparison(node) if isinstance(node, dict) else None
            if made is not None:
                found.update(made)
            elif isinstance(node, dict) and node.get("class") == "COLUMN_REF":
                if _turns_on_detection(next(column_names(node))):
                    return None
            else:
                waiting.extend(_children(node))
    return tuple(sorted(found))


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def _comparison(node: Mapping[str, Any]) -> tuple[Cut, ...] | None:
    """The cuts of a comparison of one of CUT_COLUMNS with numbers; None for any other node."""
    match node.get("class"):
        case "COMPARISON":
            sides = [node["left"], node["right"]]
            columns = [side for side in sides if side.get("class") == "COLUMN_REF"]
            numbers = [_number(side) for side in sides if side.get("class") == "CONSTANT"]
        case "BETWEEN":
            columns = [node["input"]]
            numbers = [_number(node["lower"]), _number(node["upper"])]
        case _:
            return None
    names = [name for column in columns for name in column_names(column)]
    if len(names) != 1 or names[0] not in CUT_COLUMNS or None in numbers or not numbers:
        return None
    return tuple((names[0], number) for number in numbers if number is not None)


def _number(node: Mapping[str, Any]) -> float | None:
    literal = node.get("literal") or {}
    if node.get("class") != "CONSTANT" or literal.get("kind") not in ("INTEGER", "NUMERIC"):
        return None
    return float(literal["text"])


def _turns_on_detection(name: str) -> bool:
    column = batch.column(name)
    owner = column.added_by if column else ""
    return owner in ("detect", "fuse", "grade") and name not in _GRADED
