"""The posterior against a plain scalar twin, and its edges."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.posterior import Prior, posterior
from provenance.evidence.weights import STRENGTHS

PRIOR = Prior(1e-6, [date(2019, 2, 1), date(2022, 11, 1)], [0.001, 0.2])


def plain(prior: float, llr: float, evidence: float) -> float:
    """Bayes' rule on odds, one document, no logs."""
    odds = prior / (1 - prior) * math.exp(llr) * math.exp(evidence)
    return odds / (1 + odds)


@given(
    st.lists(
        st.tuples(st.floats(1e-6, 0.9), st.floats(-20, 20), st.floats(-14, 14)),
        min_size=1,
        max_size=20,
    )
)
def test_log_odds_agree_with_bayes_rule(rows: list[tuple[float, float, float]]) -> None:
    priors, llr, evidence = (np.array(column) for column in zip(*rows, strict=True))

    result = posterior(
        np.log(priors / (1 - priors)),
        llr=llr,
        llr_low=llr - 1,
        llr_high=llr + 1,
        evidence_llr=evidence,
        decisive=np.zeros(len(rows), dtype=bool),
    )

    np.testing.assert_allclose(result.p, [plain(*row) for row in rows], rtol=1e-9)
    assert (result.low <= result.p).all()
    assert (result.p <= result.high).all()


def test_an_abstention_leaves_the_prior_and_learns_nothing() -> None:
    nothing = np.array([np.nan])

    result = posterior(
        np.log(np.array([0.25 / 0.75])),
        llr=nothing,
        llr_low=nothing,
        llr_high=nothing,
        evidence_llr=np.zeros(1),
        decisive=np.array([False]),
    )

    assert (result.p[0], result.low[0], result.high[0]) == (pytest.approx(0.25), 0.0, 1.0)


def test_decisive_evidence_settles_what_detectors_abstained_on() -> None:
    nothing = np.array([np.nan])

    result = posterior(
        np.zeros(1),
        llr=nothing,
        llr_low=nothing,
        llr_high=nothing,
        evidence_llr=np.array([-STRENGTHS["decisive"]]),
        decisive=np.array([True]),
    )

    assert result.low[0] == result.p[0] == result.high[0] == pytest.approx(1e-6, rel=1e-3)


def test_the_prior_follows_the_date_and_takes_the_latest_for_an_unknown_one() -> None:
    seen = np.array(
        ["2018-05-01", "2019-02-01", "2022-10-31", "2022-11-01", "NaT"], "datetime64[us]"
    )

    odds = np.exp(PRIOR.logits(seen))

    np.testing.assert_allclose(odds / (1 + odds), [1e-6, 0.001, 0.001, 0.2, 0.2], rtol=1e-9)
