from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import PolicyError
from provenance.policy.budget import Supply, largest_budget, settle, target_tokens
from provenance.policy.model import Mix

SUPPLIES = {"human": Supply(10, 1_000), "web": Supply(400, 50_000)}


def mix(budget: int | str, *, human: float = 0.7, web: float = 0.3, **more: Any) -> Mix:
    strata = [
        {"name": "human", "where": "tier = 1", "share": human, "max_epochs": 2},
        {"name": "web", "where": "tier = 2", "share": web},
    ]
    return Mix.model_validate({"budget": budget, "strata": strata, **more})


def refusal(wanted: Mix, supplies: dict[str, Supply]) -> str:
    with pytest.raises(PolicyError) as caught:
        settle(wanted, supplies)
    return str(caught.value)


def test_a_share_is_the_decimal_number_that_was_written() -> None:
    # 0.29 * 100 is 28.999999999999996 in binary floating point.
    assert target_tokens(0.29, 100) == 29


@given(st.floats(0, 1), st.integers(0, 10**15), st.integers(0, 10**15))
def test_targets_grow_with_the_budget(share: float, one: int, other: int) -> None:
    small, large = sorted((one, other))

    assert target_tokens(share, small) <= target_tokens(share, large) <= large


def test_the_largest_budget_is_set_by_the_scarcest_stratum_and_its_epochs() -> None:
    assert largest_budget(mix(1), SUPPLIES) == 2857  # 2 epochs of 1,000 tokens are 70 %


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 999))
def test_the_largest_budget_is_feasible_and_one_token_more_is_not(
    human: int, web: int, permille: int
) -> None:
    supplies = {"human": Supply(1, human), "web": Supply(1, web)}
    shares = {"human": permille / 1000, "web": (1000 - permille) / 1000}
    largest = largest_budget(mix(1, **shares), supplies)

    capacity = {"human": 2 * human, "web": web}
    thousandths = {"human": permille, "web": 1000 - permille}
    assert all(thousandths[name] * largest <= 1000 * capacity[name] for name in capacity)
    assert any(thousandths[name] * (largest + 1) > 1000 * capacity[name] for name in capacity)


@pytest.mark.parametrize(
    ("budget", "infeasible", "settled"),
    [(2000, "error", 2000), (2857, "error", 2857), (5000, "shrink", 2857), ("max", "error", 2857)],
)
def test_a_feasible_budget_is_kept_and_others_shrink_where_allowed(
    budget: int | str, infeasible: str, settled: int
) -> None:
    assert settle(mix(budget, infeasible=infeasible), SUPPLIES) == settled


def test_an_infeasible_budget_says_what_is_missing_and_what_is_possible() -> None:
    assert refusal(mix(200_000), SUPPLIES) == (
        "mix: stratum 'human': needs 140,000 tokens, has 1,000 in 10 documents "
        "(times max_epochs 2 = 2,000); 138,000 missing\n"
        "mix: stratum 'web': needs 60,000 tokens, has 50,000 in 400 documents "
        "(times max_epochs 1 = 50,000); 10,000 missing\n"
        "mix: the largest feasible budget is 2,857 tokens; ask for less, raise max_epochs, "
        "change the shares, or set 'infeasible: shrink'"
    )


@pytest.mark.parametrize("infeasible", ["error", "shrink"])
@pytest.mark.parametrize("budget", [100, "max"])
def test_a_share_of_an_empty_stratum_is_never_feasible(budget: int | str, infeasible: str) -> None:
    supplies = {"web": Supply(400, 50_000)}

    assert refusal(mix(budget, infeasible=infeasible), supplies) == (
        "mix: stratum 'human': a share of 0.7 of a stratum without tokens\n"
        "mix: no budget is feasible with these shares"
    )


def test_no_share_of_an_empty_stratum_is_feasible() -> None:
    supplies = {"web": Supply(400, 50_000)}

    assert settle(mix("max", human=0, web=1), supplies) == 50_000
