"""Counting what two sketches share, against sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.comparison import compare, count_pair, whole_containment
from provenance.dedup.parameters import DedupParameters
from provenance.dedup.signed import SignedTexts

sketches = st.dictionaries(st.integers(0, 40), st.booleans(), max_size=30)


def plain_counts(a: dict[int, bool], b: dict[int, bool], limit: int) -> list[int]:
    """The six counts; a sketch maps each hash to whether it is boilerplate."""
    below_a, below_b = ({h for h in s if h < limit} for s in (a, b))
    boilerplate = {h for h in below_a if a[h]}, {h for h in below_b if b[h]}
    both = below_a & below_b
    known = (boilerplate[0] | boilerplate[1]) & both
    own_a, own_b = below_a - boilerplate[0] - known, below_b - boilerplate[1] - known
    return [len(s) for s in (both, below_a, below_b, both - known, own_a, own_b)]


@given(sketches, sketches, st.sampled_from([0, 15, 41]))
@settings(max_examples=200, deadline=None)
def test_counts_are_those_of_sets(a: dict[int, bool], b: dict[int, bool], limit: int) -> None:
    found = np.zeros(6, dtype=np.int64)
    arrays = [
        array
        for sketch in (a, b)
        for array in (
            np.array(sorted(sketch), dtype=np.uint32),
            np.array([sketch[h] for h in sorted(sketch)], dtype=np.bool_),
        )
    ]

    count_pair(*arrays, np.uint64(limit), found)

    assert found.tolist() == plain_counts(a, b, limit)


def texts(*sketches: dict[int, bool], equal_values: int) -> SignedTexts:
    """Two texts whose signatures of 100 agree in `equal_values`."""
    second = np.where(np.arange(100) < equal_values, 0, 1)
    stops = np.cumsum([len(sketch) for sketch in sketches])
    return SignedTexts(
        signatures=np.stack([np.zeros(100), second]).astype(np.uint32),
        n_shingles=np.array([len(sketch) for sketch in sketches], dtype=np.int32),
        hashes=np.array([h for s in sketches for h in sorted(s)], dtype=np.uint32),
        is_boilerplate=np.array([s[h] for s in sketches for h in sorted(s)], dtype=np.bool_),
        starts=stops - [len(sketch) for sketch in sketches],
        stops=stops,
        sites=np.array([0, 1]),
    )


def covered(both: SignedTexts) -> tuple[bool, bool]:
    found = compare(both, np.array([[0, 1]]), DedupParameters())
    return bool(found.a_is_covered[0]), bool(found.b_is_covered[0])


def own(*hashes: int) -> dict[int, bool]:
    return dict.fromkeys(hashes, False)


def boilerplate(*hashes: int) -> dict[int, bool]:
    return dict.fromkeys(hashes, True)


def test_the_short_text_is_covered_by_the_long_one_and_not_the_other_way_round() -> None:
    both = texts(own(*range(100)), own(*range(20)), equal_values=20)

    assert covered(both) == (False, True)


def test_shared_boilerplate_covers_nothing_however_alike_the_pages_are() -> None:
    menu = boilerplate(*range(90))
    both = texts(menu | own(*range(100, 110)), menu | own(*range(200, 210)), equal_values=95)

    assert covered(both) == (False, False)


def test_boilerplate_known_on_one_site_is_boilerplate_in_the_lone_page_of_another() -> None:
    menu, copied = boilerplate(*range(60)), own(*range(60))
    both = texts(menu | own(*range(100, 110)), copied | own(*range(200, 210)), equal_values=80)

    assert covered(both) == (False, False)


def test_a_quotation_in_a_page_of_boilerplate_covers_nothing() -> None:
    page = boilerplate(*range(100, 120)) | own(*range(7))
    quoted = own(*range(50))
    whole = texts(quoted, page, equal_values=10)
    drowned = texts(quoted, page | boilerplate(*range(120, 150)), equal_values=10)

    assert (covered(whole), covered(drowned)) == ((False, True), (False, False))


def test_texts_of_boilerplate_alone_are_compared_as_wholes() -> None:
    alike = texts(boilerplate(*range(20)), boilerplate(*range(19)), equal_values=90)
    unlike = texts(boilerplate(*range(20)), boilerplate(*range(19)), equal_values=80)

    assert (covered(alike), covered(unlike)) == ((True, True), (False, False))


def test_a_few_own_words_that_differ_tell_alike_pages_apart() -> None:
    menu = boilerplate(*range(90))
    both = texts(menu | own(100, 101, 102), menu | own(200, 201, 202), equal_values=95)

    assert covered(both) == (False, False)


@pytest.mark.parametrize(
    ("jaccard", "sizes", "side", "containment"),
    [
        (1.0, (10, 10), 0, 1.0),
        (0.5, (30, 60), 0, 1.0),
        (0.5, (30, 60), 1, 0.5),
        (0.0, (5, 5), 0, 0),
    ],
)
def test_containment_follows_from_jaccard_and_sizes(
    jaccard: float, sizes: tuple[int, int], side: int, containment: float
) -> None:
    found = whole_containment(np.float32([jaccard]), np.array([sizes], dtype=np.float64), side)

    assert found.tolist() == pytest.approx([containment])
