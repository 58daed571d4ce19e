"""Agreement by hand, and against scipy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from provenance.report.agreement import agreement, consensus, kappa, wilson


def test_kappa_of_the_textbook_example() -> None:
    """20 both yes, 15 both no, 5 and 10 mixed of 50: p_o 0.7, p_e 0.5, kappa 0.4."""
    pairs = {("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}

    assert kappa(pairs) == pytest.approx(0.4)


@pytest.mark.parametrize("pairs", [{}, {("y", "y"): 7}])
def test_kappa_is_unknown_where_chance_would_agree(pairs: dict[tuple[str, str], int]) -> None:
    assert kappa(pairs) is None


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_is_wilsons(counts: tuple[int, int]) -> None:
    expected = binomtest(*counts).proportion_ci(method="wilson")

    assert wilson(*counts) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_nothing_counted_leaves_everything_open() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["human"], "human"),
        (["human", "unsure"], "human"),
        (["human", "machine"], "unsure"),
        (["mixed", "machine"], "unsure"),
        (["unsure"], "unsure"),
        (["machine", "machine"], "machine"),
    ],
)
def test_reviewers_agree_or_the_document_stays_unsure(verdicts: list[str], expected: str) -> None:
    assert consensus(verdicts) == expected


def test_confusion_and_rates_over_a_few_documents() -> None:
    judged = {
        "a": ["human"], "b": ["human", "human"], "c": ["machine"], "d": ["mixed"],
        "e": ["human", "machine"],
    }  # fmt: skip
    facts = agreement(judged, {"a": 0, "b": 2, "c": 1, "d": 3, "e": 0})

    assert facts["verdicts"] == {"human": 2, "machine": 1, "mixed": 1, "unsure": 1}
    assert facts["confusion"] == {
        "human": {"human": 1, "machine": 1, "mixed": 0, "unsure": 0},
        "machine": {"human": 1, "machine": 0, "mixed": 0, "unsure": 1},
        "unsure": {"human": 0, "machine": 0, "mixed": 1, "unsure": 0},
    }
    assert (facts["false_positives"]["documents"], facts["false_positives"]["of"]) == (1, 2)
    assert (facts["misses"]["documents"], facts["misses"]["of"]) == (1, 1)
    assert (facts["judged_by_several"], facts["reviewers_agree"]) == (2, 1)
