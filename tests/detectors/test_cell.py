"""A cell turns scores into tails, thresholds with an honest interval, and ratios."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, norm

from detectors.calibrate import Scored, human_cells
from detectors.cell import Cell, beta_quantile, tail_llr, texts_needed
from detectors.human_tails import text_tails

VALUES = st.lists(st.floats(-50, 50), min_size=1, max_size=900)


def cell_of(values: list[float], *, unit: str = "texts") -> Cell:
    scores, tails = text_tails(values)
    return Cell(
        "en", "", 50, 99, unit, len(values), 0, {"s": len(values)}, scores, tails,  # type: ignore[arg-type]
        0.0, 0.0, np.zeros((2, 2)),
    )  # fmt: skip


def human(values: list[float], **fields: object) -> list[Scored]:
    made = {"n_tokens": 150, "language": "en", "source": "s", "is_ai": False} | fields
    return [Scored(value, **made) for value in values]  # type: ignore[arg-type]


def normal(n: int, *, seed: int = 0) -> list[float]:
    values: list[float] = np.random.default_rng(seed).normal(size=n).tolist()
    return values


def test_the_tail_is_the_share_of_humans_at_or_above() -> None:
    tails = cell_of([1.0, 2.0, 3.0, 4.0]).human_tail(np.array([5.0, 4.0, 3.5, 1.0, 0.0]))

    assert tails.tolist() == [1 / 5, 2 / 5, 2 / 5, 5 / 5, 5 / 5]


@given(VALUES, st.floats(-60, 60))
def test_the_tail_is_never_smaller_than_the_whole_sample_says(
    values: list[float], at: float
) -> None:
    exact = (1 + sum(value >= at for value in values)) / (len(values) + 1)

    assert cell_of(values).human_tail(np.array([at]))[0] >= exact - 1e-12


def test_a_threshold_flags_exactly_the_tails_below_its_rate() -> None:
    cell = cell_of(normal(400))
    at = np.linspace(-4, 4, 2001)

    for fpr in (0.005, 0.01, 0.05, 0.3):
        assert ((at > cell.threshold(fpr)) == (cell.human_tail(at) <= fpr)).all()


def test_new_texts_exceed_a_threshold_as_often_as_was_said() -> None:
    samples = np.random.default_rng(0).normal(size=(1000, 99))
    rates = norm.sf([cell_of(values).threshold(0.05) for values in samples.tolist()])

    low, high = cell_of(normal(99)).fpr_interval(0.05)
    assert rates.mean() == pytest.approx(0.05, abs=0.003)
    assert ((low <= rates) & (rates <= high)).mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("rank", "n"), [(1, 99), (5, 99), (1, 19), (37, 4000), (400, 4000)])
@pytest.mark.parametrize("share", [0.025, 0.5, 0.975])
def test_the_interval_is_scipys_beta(rank: int, n: int, share: float) -> None:
    assert beta_quantile(share, rank, n) == pytest.approx(
        beta.ppf(share, rank, n + 1 - rank), abs=1e-7
    )


def test_over_sources_the_promise_is_one_sided() -> None:
    cell = cell_of(normal(99), unit="sources")

    assert cell.fpr_interval(0.01) == (0.0, 0.01)
    with pytest.raises(ValueError, match=r"more sources of human text, .*; en 50-99 has 1 with 99"):
        cell.threshold(0.001)


@pytest.mark.parametrize(("fpr", "n"), [(0.01, 99), (0.05, 19), (0.001, 999), (0.1, 9)])
def test_a_rate_needs_so_many_texts(fpr: float, n: int) -> None:
    assert texts_needed(fpr) == n
    cell_of(normal(n)).threshold(fpr)
    with pytest.raises(ValueError, match=f"needs {n} human texts; en 50-99 has {n - 1}"):
        cell_of(normal(n - 1)).threshold(fpr)


@pytest.mark.parametrize("p", [1e-6, 0.001, 0.01, 0.05, 0.2, 0.9, 0.9999, 1.0])
def test_the_ratio_of_a_tail_is_the_mean_of_its_family(p: float) -> None:
    ratio = tail_llr(np.array([p]))

    mean, _ = quad(lambda kappa: kappa * p ** (kappa - 1), 0, 1, epsabs=0, epsrel=1e-10)
    assert ratio.value[0] == pytest.approx(math.log(mean), abs=1e-6)
    assert ratio.low[0] <= ratio.value[0] <= ratio.high[0]


def test_the_upper_bound_is_that_of_sellke_bayarri_and_berger() -> None:
    p = np.array([0.001, 0.01, 0.05, 0.2])

    assert tail_llr(p).high == pytest.approx(-np.log(-math.e * p * np.log(p)))


def test_the_ratio_of_a_tail_is_an_e_value() -> None:
    def mean_over_uniform_tails(u: float) -> float:
        return float(np.exp(tail_llr(np.exp([-u])).value[0] - u))

    assert quad(mean_over_uniform_tails, 0, 700)[0] == pytest.approx(1 - 1 / 700, abs=1e-5)


def test_without_machine_texts_the_ratio_is_that_of_the_tail() -> None:
    cell = cell_of(normal(200))
    at = np.array([-1.0, 0.0, 2.5])

    assert cell.llr(at).value.tolist() == tail_llr(cell.human_tail(at)).value.tolist()


def keys(scored: list[Scored], fpr: float = 0.05) -> list[str]:
    return [cell.name for cell in human_cells(scored, fpr=fpr)[0]]


def test_human_texts_make_cells_of_length_domain_and_language() -> None:
    law = human(normal(60), domain="law")
    long = human(normal(40), domain="sport", n_tokens=300)

    assert keys(law + long) == [
        "en 100-199", "en 200-399", "en 100-399", "en law 100-199", "en sport 200-399",
    ]  # fmt: skip


def test_a_group_too_small_is_named_with_what_it_needs() -> None:
    made, groups = human_cells(human(normal(18)) + human(normal(19), language="de"), fpr=0.05)

    assert [cell.language for cell in made] == ["de"]
    assert [(group.language, group.n_human, group.needed) for group in groups] == [
        ("de", 19, 19),
        ("en", 18, 19),
    ]


def test_lengths_that_hardly_occur_are_not_read() -> None:
    made, _ = human_cells(human(normal(99)) + human([0.0], n_tokens=900), fpr=0.05)

    assert {(cell.min_tokens, cell.max_tokens) for cell in made} == {(100, 199)}


def test_machine_texts_and_texts_too_short_have_no_say() -> None:
    made, groups = human_cells(
        human(normal(50), is_ai=True) + human(normal(50), n_tokens=49), fpr=0.05
    )

    assert (made, groups) == ((), ())
