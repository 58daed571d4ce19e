"""Rules over documents: which ones each document fails, and which stratum it belongs to."""

from __future__ import annotations

from provenance.errors import PolicyError, Problem
from provenance.policy import predicates, views
from provenance.policy.model import MEASURES, Policy
from provenance.policy.statements import statement
from provenance.session import Session


def decide(session: Session, policy: Policy) -> None:
    """Create table `decisions`: `documents` with stratum, reasons and reason.

    `documents` holds at least `predicates.columns_read(policy)`; all its columns are carried over.
    Columns `rarity` and `ngram_novelty` (numbers, higher = rarer, null = unknown) are what tail
    weights look at; where one is missing it is added, null. reasons: every rule that failed, in
    order, a missing text first, then an excluded benchmark item (column `contaminated_by`, where
    there is one).
    reason: the first of them; null = no rule dropped it. firm_reason: the first that is no rule
    over quality columns. view_<name>: the predicate of each view. A predicate that is null counts
    as false. Raises PolicyError when a predicate is refused, does not bind, or fails on a value.
    """
    _check(policy)
    rules = policy.drop
    strata = policy.mix.strata if policy.mix else ()
    known = _columns(session)
    conditions = {
        "__rule_0": "no_text_reason IS NOT NULL",
        "__rule_1": "contaminated_by IS NOT NULL" if "contaminated_by" in known else "false",
    }
    conditions |= {f"__rule_{i}": rule.when for i, rule in enumerate(rules, start=2)}
    conditions |= {f"__stratum_{i}": stratum.where for i, stratum in enumerate(strata)}
    # A last stratum that never holds, so that a policy without a mix is no special case.
    conditions[f"__stratum_{len(strata)}"] = "false"
    conditions |= views.conditions(policy)
    conditions |= {name: "CAST(NULL AS FLOAT)" for name in MEASURES if name not in known}
    try:
        session.run_over(
            statement("decide"),
            view="ruled",
            source="documents",
            columns=conditions,
            reasons=["contaminated", *(rule.reason for rule in rules)],
            over_quality=[False, *predicates.over_quality(policy)],
            strata=[stratum.name for stratum in strata],
        )
    except ValueError as error:
        what = f"a predicate failed: {predicates.short_message(str(error))}"
        raise PolicyError(Problem("policy", what)) from error
    session.run("DROP VIEW ruled")


def _check(policy: Policy) -> None:
    """A policy built in code has not been through `load`: its predicates are checked here too."""
    texts = predicates.of(policy)
    problems = [
        Problem(f"predicate {text!r}", fault.what, suggestion=fault.suggestion)
        for text, fault in zip(texts, predicates.faults(texts), strict=True)
        if fault
    ]
    if problems:
        raise PolicyError(problems)


def _columns(session: Session) -> set[str]:
    return {str(name) for name, *_ in session.rows("DESCRIBE documents")}
