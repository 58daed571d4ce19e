"""When an archived text lends its date: when it holds most of what is the page's own."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest

from provenance.dedup.anchor.match import CANDIDATES, Matches, candidates, compare, covers
from provenance.dedup.parameters import DedupParameters

PARAMETERS = DedupParameters()


@pytest.fixture
def match(make, chunk_of, signed_of):
    def run(archived: list[str], pages: list[str], boilerplate=(), page_boilerplate=()) -> Matches:
        segment = make(chunk_of(archived, boilerplate=boilerplate))
        batch = signed_of(pages)
        marks = np.isin(batch.hashes, np.array(page_boilerplate, dtype=np.uint32))
        return compare(segment, batch, marks, candidates(segment, batch), PARAMETERS)

    return run


def covered(matches: Matches) -> set[tuple[int, int]]:
    chosen = matches.is_covered
    return set(zip(matches.pages[chosen].tolist(), matches.texts[chosen].tolist(), strict=True))


@pytest.mark.parametrize("n_words", [1, 3, 12, 60, 400, 3000])
def test_an_equal_text_covers_however_short(match, prose, n_words: int) -> None:
    text = prose(n_words, seed=1)

    found = match([prose(500, seed=2), text], [text])

    assert covered(found) == {(0, 1)}
    assert found.is_exact.tolist() == [True]
    assert found.containment.tolist() == [1.0]


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_truncated_copy_is_covered(match, prose, share: float) -> None:
    text = prose(1200, seed=1)
    cut = " ".join(text.split()[: int(1200 * share)])

    assert covered(match([text], [cut])) == {(0, 0)}


def test_a_page_around_an_archived_passage_is_not_covered(match, prose) -> None:
    passage = prose(150, seed=1)

    found = match([passage], [f"{prose(200, seed=2)} {passage} {prose(250, seed=3)}"])

    assert covered(found) == set()
    assert found.containment.tolist() == [pytest.approx(0.25, abs=0.1)]


def test_quotes_of_two_fifths_never_cover_whatever_the_lengths(match, prose) -> None:
    """Long archived texts are sampled, and a sample of few hashes can mislead."""
    archived = [prose(4000, seed=seed) for seed in range(40)]
    draw = random.Random(0)
    pages = []
    for seed, text in enumerate(archived):
        n = draw.choice([60, 100, 150, 300, 700])
        quote = text.split()[50 : 50 + int(0.4 * n)]
        pages.append(" ".join([*quote, prose(n - len(quote), seed=1000 + seed)]))

    assert covered(match(archived, pages)) == set()


def test_what_the_page_repeats_from_its_site_is_set_aside(match, signed_of, prose) -> None:
    menu, text = prose(100, seed=1), prose(100, seed=2)
    page = f"{menu} {text}"

    assert covered(match([text], [page], page_boilerplate=signed_of([menu]).hashes)) == {(0, 0)}


def test_boilerplate_that_page_and_archive_share_covers_nothing(match, signed_of, prose) -> None:
    menu = prose(200, seed=1)
    archived, page = f"{menu} {prose(20, seed=2)}", f"{menu} {prose(20, seed=3)}"

    found = match([archived], [page], boilerplate=signed_of([menu]).hashes)

    assert covered(found) == set()


def test_a_quote_in_a_page_of_boilerplate_covers_nothing(match, signed_of, prose) -> None:
    """The quote is all that is its own, but next to nothing of the page."""
    menu, quote = prose(105, seed=1), prose(14, seed=2)

    found = match([quote], [f"{menu} {quote}"], page_boilerplate=signed_of([menu]).hashes)

    assert covered(found) == set()
    assert found.containment.tolist() == [pytest.approx(10 / 14)]


@pytest.mark.parametrize(("n_shared", "n_compared"), [(1, 0), (2, 1)])
def test_a_page_with_one_probe_of_many_in_the_filter_is_not_looked_up(
    match, signed_of, prose, n_shared: int, n_compared: int
) -> None:
    """The filter lets that many through by chance."""
    shingles = (prose(5, seed=seed) for seed in range(1000))
    kept = [text for text in shingles if signed_of([text]).probes[0] % 2**32 < 2**28][:n_shared]
    archived = " ".join([*kept, prose(9, seed=-1)])

    found = match([archived], [" ".join([*kept, prose(300, seed=-2)])])

    assert len(found.pages) == n_compared


def test_a_short_passage_of_a_long_text_is_no_proof(match, prose) -> None:
    text = prose(3000, seed=1)
    passage = " ".join(text.split()[100:125])

    assert covered(match([text], [passage])) == set()


def test_a_page_is_compared_with_a_bounded_number_of_texts(match, prose) -> None:
    passages = [prose(40, seed=i) for i in range(3 * CANDIDATES)]
    archived = [f"{passage} {prose(6, seed=1000 + i)}" for i, passage in enumerate(passages)]

    found = match(archived, [" ".join(passages)])

    assert len(found.pages) == CANDIDATES


def test_the_bound_falls_with_the_sample_and_is_none_where_everything_was_seen() -> None:
    def least(n_own: int, level: int) -> float:
        shared = np.arange(n_own + 1)
        counts = np.zeros((n_own + 1, 6), dtype=np.int64)
        counts[:, 0] = counts[:, 3] = shared
        counts[:, 1] = counts[:, 4] = n_own
        is_covered, containment = covers(counts, np.full(n_own + 1, level), PARAMETERS)
        return float(containment[is_covered].min())

    assert least(1000, 0) == pytest.approx(PARAMETERS.min_containment)
    assert least(16, 3) > 0.75
    assert least(64, 3) == pytest.approx(0.5 + 2.33 * (0.25 * 7 / 8 / 64) ** 0.5, abs=1 / 64)


def test_asking_with_signed_pages_loads_no_query_engine() -> None:
    check = (
        "import sys, provenance.dedup.anchor.match, provenance.dedup.anchor.tables;"
        "print([m for m in ('duckdb', 'torch', 'datasketch') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
