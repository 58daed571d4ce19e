"""Which copy is kept, and who lends whom its date."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.keeper import keep_first


def plain_keepers(n: int, covers: set[tuple[int, int]]) -> list[int]:
    """Greedy by preference: give up a text for the first cover that is kept, else keep it."""
    keepers: list[int] = []
    for text in range(n):
        kept = [c for c in range(text) if (text, c) in covers and keepers[c] == c]
        keepers.append(kept[0] if kept else text)
    return keepers


@given(st.sets(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=80), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_keepers_are_those_of_the_plain_loop(covers: set[tuple[int, int]], size: int) -> None:
    rows = np.array(sorted((a, b) for a, b in covers if b < a), dtype=np.int64).reshape(-1, 2)
    keepers = np.arange(20)

    for first in range(0, len(rows), size):
        keep_first(rows[first : first + size], keepers)

    assert keepers.tolist() == plain_keepers(20, covers)


def test_the_earliest_copy_is_kept_and_lends_its_date(search, page, prose) -> None:
    text = prose(100, seed=0)
    pages = [
        page("late", text, captured="2024-01-01"),
        page("early", text, captured="2015-01-01"),
        page("undated", text, captured=None),
    ]

    outcome = search(pages)

    assert outcome.kept() == {"early"}
    assert {outcome.first_seen(name) for name in outcome.rows} == {"2015-01-01"}


def test_who_lent_the_date_is_named_in_hexadecimal(search, page, prose) -> None:
    text = prose(100, seed=0)

    outcome = search([page("early", text, captured="2015-01-01"), page("late", text)])

    early = hashlib.blake2b(b"early", digest_size=16).hexdigest()
    assert {name: row["anchor_doc"] for name, row in outcome.rows.items()} == {
        "early": None, "late": early,
    }  # fmt: skip


@pytest.mark.parametrize(
    "copies",
    [
        ({"captured": "2020-01-01", "rank": 3}, {"captured": "2021-01-01", "rank": 0}),
        ({"captured": "2021-01-01", "rank": 3}, {"captured": None, "rank": 0}),
        ({"rank": 0, "n_tokens": 1}, {"rank": 1, "n_tokens": 9}),
        ({"rank": None, "n_tokens": 1}, {"rank": 1, "n_tokens": 9}),
        ({"n_tokens": 9}, {"n_tokens": 1}),
    ],
)
@pytest.mark.parametrize("edit", ["", " edited"])
def test_the_keeper_is_earliest_then_best_ranked_then_longest(
    search, page, prose, copies: tuple[dict[str, Any], dict[str, Any]], edit: str
) -> None:
    better, worse = copies
    text = prose(100, seed=0)

    outcome = search([page("worse", text + edit, **worse), page("better", text, **better)])

    assert outcome.kept() == {"better"}
    assert outcome.rows["worse"]["duplicate_of"] == "better"


def test_a_truncated_later_copy_is_dated_and_dropped(search, page, prose) -> None:
    words = prose(400, seed=0).split()
    pages = [
        page("whole", " ".join(words), captured="2015-01-01"),
        page("part", " ".join(words[:150]), captured="2024-01-01"),
    ]

    outcome = search(pages)

    assert outcome.kept() == {"whole"}
    assert outcome.first_seen("part") == "2015-01-01"


def test_a_page_that_quotes_an_old_one_whole_is_neither_old_nor_a_copy(search, page, prose) -> None:
    old = prose(100, seed=0)
    pages = [
        page("old", old, captured="2015-01-01"),
        page("quoting", f"{prose(200, seed=1)} {old} {prose(200, seed=2)}", captured="2024-01-01"),
    ]

    outcome = search(pages)

    assert outcome.kept() == {"old", "quoting"}
    assert outcome.first_seen("quoting") == "2024-01-01"


def test_a_chain_lends_no_date_and_drops_no_text(search, page, prose) -> None:
    """A covers B and B covers C, but A holds little of C: dropping C would lose its text."""
    words = prose(300, seed=0).split()
    pages = [
        page("a", " ".join(words[:160]), captured="2015-01-01"),
        page("b", " ".join(words[60:240]), captured="2020-01-01"),
        page("c", " ".join(words[130:240]), captured="2024-01-01"),
    ]

    outcome = search(pages)

    assert outcome.matches() >= {("a", "b"), ("b", "c")}
    assert outcome.kept() == {"a", "c"}
    assert outcome.first_seen("c") == "2020-01-01"


def test_near_matches_can_be_left_out(search, page, prose) -> None:
    text = prose(100, seed=0)
    pages = [
        page("a", text, captured="2015-01-01"),
        page("b", text, captured="2016-01-01"),
        page("c", text + " edited", captured="2017-01-01"),
    ]

    outcome = search(pages, near_duplicates=False)

    assert outcome.kept() == {"a", "c"}
    assert outcome.first_seen("c") == "2017-01-01"


def test_every_dropped_document_directly_matches_a_kept_one(search, page, prose) -> None:
    pages = []
    for number in range(30):
        words = prose(200, seed=number).split()
        for copy in range(number % 4):
            text = " ".join(words[copy * 30 : copy * 30 + 140])
            pages.append(page(f"{number}.{copy}", text, captured=f"20{10 + copy}-01-01"))

    outcome = search(pages)

    dropped = {name: row for name, row in outcome.rows.items() if not row["is_keeper"]}
    assert dropped
    for name, row in dropped.items():
        assert row["duplicate_of"] == row["cluster_id"] in outcome.kept()
        assert {(row["cluster_id"], name), (name, row["cluster_id"])} & outcome.matches()
