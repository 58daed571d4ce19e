from __future__ import annotations

import datetime

import pytest
from pydantic import ValidationError

from provenance import reasons
from provenance.policy import model
from provenance.policy.model import DropRule, Mix, Policy, Stratum


def strata(*shares: float) -> tuple[Stratum, ...]:
    return tuple(Stratum(name=f"s{i}", where="true", share=share) for i, share in enumerate(shares))


def test_a_policy_needs_nothing_but_its_version() -> None:
    policy = Policy(version=1)

    assert policy.cutoff == datetime.date(2022, 1, 1)
    assert policy.false_positive_rate == 0.01
    assert policy.mix is None


def test_shares_that_sum_to_one_but_for_rounding_are_accepted() -> None:
    mix = Mix(budget=10, strata=strata(0.333333333, 0.333333333, 0.333333334))

    assert len(mix.strata) == 3


def test_a_policy_built_in_code_must_have_shares_that_sum_to_one() -> None:
    with pytest.raises(ValidationError, match=r"the shares sum to 0\.9, not 1: 0\.1 missing"):
        Mix(budget=10, strata=strata(0.5, 0.4))


def test_a_policy_built_in_code_must_name_each_stratum_once() -> None:
    with pytest.raises(ValidationError, match="stratum s0 is given twice"):
        Mix(budget=10, strata=(*strata(0.5), *strata(0.5)))


@pytest.mark.parametrize(
    ("written", "tokens"),
    [(7, 7), ("7 tokens", 7), ("1 token", 1), ("1_000_000 tokens", 1_000_000), ("max", "max")],
)
def test_a_budget_is_a_number_of_tokens_or_max(written: object, tokens: object) -> None:
    assert Mix(budget=written, strata=strata(1.0)).budget == tokens


@pytest.mark.parametrize("written", [0, -1, True, 1.5, "7", "7 words", "tokens", "٣ tokens", 2**62])
def test_any_other_budget_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="number of tokens"):
        Mix(budget=written, strata=strata(1.0))


@pytest.mark.parametrize("reason", sorted(reasons.reserved()))
def test_a_rule_may_not_take_a_reserved_reason(reason: str) -> None:
    with pytest.raises(ValidationError, match="reserved"):
        DropRule(when="true", reason=reason)


def test_models_cannot_be_changed() -> None:
    policy = Policy(version=1)

    with pytest.raises(ValidationError, match="frozen"):
        policy.seed = 3  # type: ignore[misc]


def test_prior_steps_begin_with_the_dawn_of_time_and_keep_a_gap_in_the_step_before() -> None:
    policy = Policy(version=1, prior={"before_2019-02": 1e-6, "2022-11": 0.1, "2023-01": 0.2})

    steps = policy.prior_steps()

    assert steps == (
        (None, 1e-6),
        (datetime.date(2022, 11, 1), 0.1),
        (datetime.date(2023, 1, 1), 0.2),
    )


@pytest.mark.parametrize(
    ("months", "message"),
    [
        (["2019-02"], "the first entry must be 'before_YYYY-MM'; it is '2019-02'"),
        (["before_2019-02", "2019-01"], "'2019-01' must be later than 'before_2019-02'"),
        (["before_2019-02", "2020-01", "2020-01"], "'2020-01' must be later than '2020-01'"),
        (["before_2019-02", "2021-01", "2020-01"], "'2020-01' must be later than '2021-01'"),
        (
            ["before_2019-02", "before_2020-01"],
            "'before_2020-01' must be the first entry; only one 'before_' is possible",
        ),
        (["before_2019-02", "2019-02", "2020-01"], None),
    ],
)
def test_months_of_a_prior_go_forward(months: list[str], message: str | None) -> None:
    assert model.month_fault(months) == message


def test_the_json_schema_describes_every_key() -> None:
    schema = model.json_schema()

    described = [schema["properties"], *(part["properties"] for part in schema["$defs"].values())]
    assert all("description" in field for fields in described for field in fields.values())
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["version"]
