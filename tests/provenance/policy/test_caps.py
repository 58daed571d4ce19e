from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.policy.caps import UNCAPPED, host_caps, language_caps, over_cap

OFFERS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 50)), min_size=1, max_size=30
)


def capped(offers: list[tuple[str | None, int]], cap: int) -> list[bool]:
    hosts = pa.array([host for host, _ in offers], pa.string()).dictionary_encode()
    tokens = np.array([n for _, n in offers], dtype=np.int64)
    order = np.arange(len(offers))
    over: list[bool] = over_cap(hosts, tokens, order, caps=host_caps(hosts, cap)).tolist()
    return over


@settings(deadline=None)  # the first example compiles
@given(OFFERS, st.integers(1, 100))
def test_no_host_offers_more_than_its_cap_and_what_would_still_fit_is_taken(
    offers: list[tuple[str | None, int]], cap: int
) -> None:
    over = capped(offers, cap)

    for host in ("a", "b"):
        taken = sum(n for (h, n), out in zip(offers, over, strict=True) if h == host and not out)
        left_out = [n for (h, n), out in zip(offers, over, strict=True) if h == host and out]
        assert taken <= cap
        assert all(taken + n > cap for n in left_out)


def test_documents_are_taken_in_the_order_given() -> None:
    hosts = pa.array(["a", "a", "a"]).dictionary_encode()
    tokens = np.array([5, 5, 5], dtype=np.int64)

    over = over_cap(hosts, tokens, np.array([2, 0, 1]), caps=host_caps(hosts, 10))

    assert over.tolist() == [False, True, False]


def test_one_long_document_does_not_close_a_host() -> None:
    assert capped([("a", 100), ("a", 3)], 10) == [True, False]


def test_a_document_without_a_host_is_never_over_a_cap() -> None:
    assert capped([(None, 100), (None, 100)], 10) == [False, False]


def test_languages_without_a_cap_of_their_own_have_none() -> None:
    languages = pa.array(["de", "en", "de"]).dictionary_encode()

    assert language_caps(languages, {"de": 7}).tolist() == [7, UNCAPPED]
