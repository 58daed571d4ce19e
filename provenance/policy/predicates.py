"""What a policy's predicates may say: one SQL condition over the documented columns.

DuckDB parses each one. Its syntax tree is walked against an allow-list, so that a predicate
decides every document on its own, the same on every run, and reads nothing but that document;
then DuckDB's binder checks names and types in a connection that can reach no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detectors.registry import registered
from provenance import batch
from provenance.errors import nearest
from provenance.policy.model import Policy
from provenance.session import Session, predicate_faults

#: Columns that are released or kept beside the scored documents. No policy can read them.
UNLOADED_COLUMNS: Final = (
    "headers", "raw", "marks", "text", "n_shingles", "signature",
)  # fmt: skip

#: Columns that the policy itself decides; a rule that read them would refer to itself.
DECIDED_COLUMNS: Final = batch.added_by("decide")

#: The columns that predicates may refer to.
PREDICATE_COLUMNS: Final = tuple(
    name for name in batch.COLUMNS if name not in UNLOADED_COLUMNS + DECIDED_COLUMNS
)


def detector_columns() -> tuple[str, ...]:
    """The columns of every registered detector, whether a store has them or not."""
    return tuple(one.name for name in registered() for one in batch.detected(name))


#: The columns that every decision needs, whatever its predicates say.
ALWAYS_READ: Final = ("doc_id", "no_text_reason", "n_tokens", "tier")

_EXPRESSIONS = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
     "LAMBDA", "OPERATOR", "COLLATE", "TYPE"}
)  # fmt: skip

_NAMED = {
    "SUBQUERY": "a subquery is not allowed",
    "STAR": "name one column; '*' and COLUMNS are not allowed",
    "PARAMETER": "parameters ($, ?) are not allowed",
    "WINDOW": "a window function looks at other documents; a rule sees one at a time",
}

_CLOCK = frozenset({"current_date", "current_time", "current_timestamp", "localtime",
                    "localtimestamp"})  # fmt: skip

#: DuckDB states no stability for macros; the expansions of these were read, and are stable.
_STABLE_MACROS = (
    "array_append", "array_prepend", "array_reverse", "days_in_month", "fdiv", "fmod", "if",
    "list_append", "list_avg", "list_bool_and", "list_bool_or", "list_count", "list_max",
    "list_min", "list_prepend", "list_reverse", "list_sum", "map_contains_value", "nullif",
    "split_part",
)  # fmt: skip

_FUNCTION_KINDS = """
SELECT lower(function_name),
       bool_or((function_type = 'scalar' AND stability = 'CONSISTENT')
               OR (function_type = 'macro' AND list_contains($macros, function_name))),
       bool_or(function_type IN ('aggregate', 'window'))
FROM duckdb_functions()
WHERE function_type IN ('scalar', 'macro', 'aggregate', 'window')
GROUP BY ALL
"""


Functions = dict[str, tuple[bool, bool]]


@dataclass(frozen=True, slots=True)
class PredicateFault:
    """What is wrong with a predicate, and the nearest right name where one is close."""

    what: str
    suggestion: str | None = None


def faults(predicates: Sequence[str]) -> list[PredicateFault | None]:
    """One entry per predicate, in order: its first fault, or None when it is right."""
    if not predicates:
        return []
    with Session() as session:
        functions = _functions(session)
        trees = [_parse(session, predicate) for predicate in predicates]
    found = [_tree_fault(tree, functions) for tree in trees]
    # Only what the allow-list lets through is bound.
    allowed = [place for place, fault in enumerate(found) if fault is None]
    bound = predicate_faults(
        batch.schema([*PREDICATE_COLUMNS, *detector_columns()]),
        [predicates[place] for place in allowed],
    )
    for place, what in zip(allowed, bound, strict=True):
        found[place] = PredicateFault(short_message(what)) if what else None
    return found


def of(policy: Policy) -> tuple[str, ...]:
    """Every predicate of the policy: drop rules first, then strata, then views."""
    strata = policy.mix.strata if policy.mix else ()
    return (
        *(rule.when for rule in policy.drop),
        *(stratum.where for stratum in strata),
        *(view.where for view in policy.views.values()),
    )


def short_message(message: str) -> str:
    """DuckDB's message without its class, its candidate list and its picture of the query."""
    line = message.strip().splitlines()[0]
    head, colon, rest = line.partition(" Error: ")
    return rest if colon and head.replace(" ", "").isalpha() else line


def columns_read(policy: Policy) -> tuple[str, ...]:
    """The columns of `documents` that deciding over this policy needs, in the contract's order.

    A corpus of 10^9 documents should load these and no others.
    """
    named = {name for tree in syntax_trees(policy) for name in column_names(tree)}
    if policy.mix and policy.mix.caps.host is not None:
        named.add("host")
    known = (*batch.COLUMNS, *detector_columns())
    return tuple(name for name in known if name in named or name in ALWAYS_READ)


def syntax_trees(policy: Policy) -> list[dict[str, Any]]:
    """DuckDB's syntax tree of each of the policy's predicates, in the order of `of`."""
    with Session() as session:
        return [_parse(session, predicate) for predicate in of(policy)]


def over_quality(policy: Policy) -> list[bool]:
    """For each drop rule, whether it reads a quality column: such rules spare protected tails."""
    with Session() as session:
        trees = [_parse(session, rule.when) for rule in policy.drop]
    return [any(name.startswith("quality_") for name in column_names(tree)) for tree in trees]


def _functions(session: Session) -> Functions:
    """DuckDB's functions by name: whether a predicate may call it, and whether it spans rows."""
    rows = session.rows(_FUNCTION_KINDS, macros=list(_STABLE_MACROS))
    return {name: (is_stable, spans_rows) for name, is_stable, spans_rows in rows}


def _parse(session: Session, predicate: str) -> dict[str, Any]:
    """DuckDB's syntax tree of `predicate`. It is parsed as a value; nothing is executed."""
    (text,) = session.row("SELECT json_serialize_sql($text)", text=f"SELECT {predicate}")
    try:
        tree: dict[str, Any] = json.loads(text)
    except RecursionError:
        return {"error": True, "error_message": "the expression is nested too deeply"}
    return tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the tree, outermost first, without recursion."""
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def column_names(tree: dict[str, Any]) -> Iterator[str]:
    """The columns that a syntax tree names, in lower case, again where it names them again."""
    for node in _nodes(tree):
        if node.get("class") == "COLUMN_REF":
            yield node["column_names"][0].lower()


def _lambda_names(tree: dict[str, Any]) -> frozenset[str]:
    """The names that `lambda x: ...` introduces; they are no columns."""
    heads = [node["lhs"] for node in _nodes(tree) if node.get("class") == "LAMBDA"]
    return frozenset(name for head in heads for name in column_names(head))


def _tree_fault(tree: dict[str, Any], functions: Functions) -> PredicateFault | None:
    if tree["error"]:
        return PredicateFault(f"no valid SQL: {short_message(tree['error_message'])}")
    local = _lambda_names(tree)
    for node in _nodes(tree):
        kind = node.get("class")
        if kind is None:
            continue
        if kind not in _EXPRESSIONS:
            return PredicateFault(_NAMED.get(kind, f"{kind} is not allowed"))
        if kind == "COLUMN_REF" and (name := node["column_names"][0].lower()) not in local:
            fault = _column_fault(name)
        elif kind == "FUNCTION":
            fault = _function_fault(node["function_name"].lower(), functions)
        else:
            continue
        if fault:
            return fault
    return None


def _column_fault(name: str) -> PredicateFault | None:
    if name in PREDICATE_COLUMNS or name in detector_columns():
        return None
    if name in DECIDED_COLUMNS:
        return PredicateFault(
            f"column {name!r} is decided by the policy itself, so its rules cannot read it"
        )
    if name in UNLOADED_COLUMNS:
        return PredicateFault(f"column {name!r} is not loaded when a policy decides")
    if name in _CLOCK:
        return _unstable(name)
    return PredicateFault(
        f"no column {name!r}", nearest(name, (*PREDICATE_COLUMNS, *detector_columns()))
    )


def _function_fault(name: str, functions: Functions) -> PredicateFault | None:
    if name not in functions:
        usable = [known for known, (is_stable, _) in functions.items() if is_stable]
        return PredicateFault(f"no function {name!r}", nearest(name, usable))
    is_stable, spans_rows = functions[name]
    if is_stable:
        return None
    if spans_rows:
        return PredicateFault(
            f"function {name!r} looks at other documents; a rule sees one at a time"
        )
    return _unstable(name)


def _unstable(name: str) -> PredicateFault:
    return PredicateFault(
        f"{name!r} may answer differently on another run or machine; a decision must not"
    )
