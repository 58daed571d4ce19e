"""Tokens per stratum: what the shares ask for, what is there, and how much can be had.

Exact rational arithmetic: a share is the decimal number the author wrote, not its nearest float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from provenance.errors import PolicyError, Problem
from provenance.policy.model import Mix, Stratum


@dataclass(frozen=True, slots=True)
class Supply:
    """What one stratum offers."""

    documents: int = 0
    tokens: int = 0


def target_tokens(share: float, budget_tokens: int) -> int:
    """The tokens that `share` of the budget stands for, rounded down; grows with the budget."""
    return int(Fraction(repr(share)) * budget_tokens)


def largest_budget(mix: Mix, supplies: Mapping[str, Supply]) -> int:
    """The most tokens a mix of these shares can have; 0 when a stratum with a share is empty."""
    return min(
        int(_capacity(stratum, supplies) / Fraction(repr(stratum.share)))
        for stratum in mix.strata
        if stratum.share > 0
    )


def settle(mix: Mix, supplies: Mapping[str, Supply]) -> int:
    """The budget in tokens that the mix will have.

    Raises PolicyError naming each stratum that falls short and by how much, when the policy says
    `infeasible: error`, and always when not a single token is feasible.
    """
    largest = largest_budget(mix, supplies)
    asked = largest if mix.budget == "max" else mix.budget
    if asked <= largest and largest > 0:
        return asked
    if largest > 0 and mix.infeasible == "shrink":
        return largest
    raise PolicyError(_shortfalls(mix, supplies, asked=max(asked, 1), largest=largest))


def _capacity(stratum: Stratum, supplies: Mapping[str, Supply]) -> int:
    return supplies.get(stratum.name, Supply()).tokens * stratum.max_epochs


def _shortfalls(
    mix: Mix, supplies: Mapping[str, Supply], *, asked: int, largest: int
) -> list[Problem]:
    problems = []
    for stratum in mix.strata:
        wanted = Fraction(repr(stratum.share)) * asked
        capacity = _capacity(stratum, supplies)
        if wanted > capacity:
            problems.append(_shortfall(stratum, supplies, wanted=wanted, capacity=capacity))
    problems.append(Problem("mix", _advice(largest)))
    return problems


def _shortfall(
    stratum: Stratum, supplies: Mapping[str, Supply], *, wanted: Fraction, capacity: int
) -> Problem:
    supply = supplies.get(stratum.name, Supply())
    where = f"mix: stratum {stratum.name!r}"
    if supply.tokens == 0:
        return Problem(where, f"a share of {stratum.share:g} of a stratum without tokens")
    target = -int(-wanted // 1)
    return Problem(
        where,
        f"needs {target:,} tokens, has {supply.tokens:,} in {supply.documents:,} documents "
        f"(times max_epochs {stratum.max_epochs} = {capacity:,}); {target - capacity:,} missing",
    )


def _advice(largest: int) -> str:
    if largest == 0:
        return "no budget is feasible with these shares"
    return (
        f"the largest feasible budget is {largest:,} tokens; "
        "ask for less, raise max_epochs, change the shares, or set 'infeasible: shrink'"
    )
