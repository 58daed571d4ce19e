"""The compiled pass against a plain search for each needle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.candidates import MAX_PLACES, NEEDLES, Needle, candidates


def plain(page: bytes) -> dict[str, set[int]]:
    """Where each family's needles stand, by one regular expression a needle."""
    found: dict[str, set[int]] = {}
    for needle in NEEDLES:
        pattern = re.escape(needle.text)
        if needle.alone:
            pattern = rb"(?<![A-Za-z0-9_-])" + pattern + rb"(?![A-Za-z0-9])"
        flags = re.DOTALL if needle.exact else re.IGNORECASE
        places = {match.start() for match in re.finditer(b"(?=" + pattern + b")", page, flags)}
        # "(?=" puts the look-behind before the place, as it should be.
        if places:
            found.setdefault(needle.family, set()).update(places)
    return found


def as_sets(page: bytes) -> dict[str, set[int]]:
    return {family: set(places) for family, places in candidates(page).items()}


texts = st.sampled_from([n.text for n in NEEDLES]) | st.sampled_from(
    [n.text.swapcase() for n in NEEDLES]
)
pieces = st.lists(texts | st.binary(max_size=5) | st.sampled_from([b" ", b'"', b"-", b"x"]))


@settings(deadline=None)  # the first call loads the compiled pass
@given(pieces.map(lambda parts: b"".join(parts) + b"\n>"))
def test_it_finds_what_a_plain_search_finds(page: bytes) -> None:
    expected = plain(page)

    found = as_sets(page)

    assert found.keys() == expected.keys()
    for family, places in found.items():
        assert places <= expected[family]
        assert len(places) == min(MAX_PLACES, len(expected[family])) or len(places) == MAX_PLACES


@pytest.mark.parametrize("needle", NEEDLES, ids=lambda n: n.text.decode())
@pytest.mark.parametrize("before", [b" ", b"  "], ids=["even", "odd"])
def test_each_needle_is_found_at_even_and_odd_places(needle: Needle, before: bytes) -> None:
    assert as_sets(before + needle.text + b" .") == {needle.family: {len(before)}}


@pytest.mark.parametrize(
    "page",
    [b"", b"x", b"SAID AID", b"an-ai-generatedness", b"noair", b"xnoai", b"AIM", b"_AI ",
     b"digitalsourcetype", b'<meta name="description" content="generator of ideas">'],
)  # fmt: skip
def test_parts_of_other_words_are_no_candidates(page: bytes) -> None:
    assert candidates(page + b" ") == {}


def test_a_flood_of_one_family_hides_no_other() -> None:
    page = b"noai " * 1000 + b" ai-disclosure "

    found = candidates(page)

    assert len(found["rights"]) == MAX_PLACES
    assert len(found["declared"]) == 1
