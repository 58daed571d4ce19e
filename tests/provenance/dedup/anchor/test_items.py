"""An item is contained by the stated rule, against sets of word 5-grams."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.dedup.anchor import items as module
from provenance.dedup.anchor.items import MIN_CONTAINMENT, TEMPLATE_ITEMS, Items, count_short
from provenance.errors import InputError


def grams(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))} if words else set()


def plain_best(items: list[str], text: str) -> tuple[int, float] | None:
    best: tuple[int, float] | None = None
    for number, item in enumerate(items):
        n_words = len(grams(item)) + 4
        share = len(grams(item) & grams(text)) / len(grams(item))
        least = 1.0 if n_words < 13 else MIN_CONTAINMENT
        if n_words >= 8 and share >= least and (best is None or share > best[1]):
            best = number, share
    return best


def inside(loaded: Items, texts: list[str]) -> list[tuple[int, int, float]]:
    found = loaded.inside(pa.array(texts, pa.large_string()))
    return [
        (int(row), int(item), round(float(share), 4))
        for row, item, share in zip(found.rows, found.items, found.containment, strict=True)
    ]


def words(seed: int, n: int) -> str:
    return " ".join(f"w{seed}x{i}" for i in range(n))


pieces = st.lists(st.integers(0, 30), min_size=1, max_size=25).map(
    lambda numbers: " ".join(f"w{number}" for number in numbers)
)


@given(st.lists(pieces, min_size=1, max_size=5, unique=True), st.lists(pieces, max_size=4))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_best_item_of_each_text_is_that_of_sets(
    make, chunk_of, given_items: list[str], others: list[str]
) -> None:
    texts = [*given_items, " ".join([*others, *given_items[:1], *others]), *others]

    found = inside(Items.load(make(chunk_of(given_items))), texts)

    expected = [(row, plain_best(given_items, text)) for row, text in enumerate(texts)]
    assert found == [(row, one[0], round(one[1], 4)) for row, one in expected if one]


@pytest.mark.parametrize(
    ("n_words", "found"), [(4, False), (7, False), (8, True), (12, True), (13, True), (300, True)]
)
def test_an_item_in_a_long_text_is_found_from_eight_words_on(
    make, chunk_of, n_words: int, found: bool
) -> None:
    item = words(1, n_words)
    segment = make(chunk_of([item]))

    text = f"{words(2, 2000)} {item} {words(3, 2000)}"

    assert [row for row, _, _ in inside(Items.load(segment), [text])] == ([0] if found else [])
    assert count_short(segment) == (0 if found else 1)


def test_a_short_item_must_be_there_word_for_word(make, chunk_of) -> None:
    item = words(1, 12).split()
    loaded = Items.load(make(chunk_of([" ".join(item)])))

    assert inside(loaded, [" ".join([*item[:11], "other"])]) == []


@pytest.mark.parametrize(("share", "found"), [(0.6, False), (0.8, True)])
def test_most_of_a_longer_item_is_enough(make, chunk_of, share: float, found: bool) -> None:
    item = words(1, 60).split()
    loaded = Items.load(make(chunk_of([" ".join(item)])))

    part = " ".join([*item[: int(60 * share)], words(2, 400)])

    assert bool(inside(loaded, [part])) is found


def test_wording_that_many_items_share_is_no_part_of_them(make, chunk_of) -> None:
    wording = words(0, 15)
    given_items = [f"{wording} {words(1 + i, 9)}" for i in range(TEMPLATE_ITEMS + 1)]
    loaded = Items.load(make(chunk_of(given_items)))

    assert inside(loaded, [f"{wording} {words(999, 200)}", given_items[5]]) == [(1, 5, 1.0)]


def test_words_are_characters_where_a_script_has_no_spaces(make, chunk_of) -> None:
    item = " ".join("今天天气怎么样我们去公园散步吧")
    loaded = Items.load(make(chunk_of([item])))

    assert inside(loaded, [f"他 问 {item} 她 说 好"]) == [(0, 0, 1.0)]


def test_too_many_items_are_refused(make, chunk_of, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = make(chunk_of([words(1, 30)]))
    monkeypatch.setattr(module, "LIMIT_HASHES", 20)

    with pytest.raises(InputError, match="too many to exclude by"):
        Items.load(segment)
