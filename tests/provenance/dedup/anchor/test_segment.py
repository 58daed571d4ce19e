"""A segment finds every probe that was put in, names its text, and is the same however written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.dedup.anchor import bloom, index
from provenance.dedup.anchor.lookup import HEADS, lookup
from provenance.dedup.anchor.tables import Segment
from provenance.dedup.kernels import PROBES

NOTHING = np.zeros(0, np.uint64)


@pytest.fixture
def texts(prose) -> list[str]:
    return [prose(n, seed=n) for n in (5, 6, 30, 31, 60, 200, 700, 5000)]


def found(segment: Segment, probes: np.ndarray) -> set[tuple[int, int]]:
    places, let_through = index.held(segment, probes, NOTHING)
    assert let_through.tolist() == probes[places].tolist()
    rows = lookup(segment, let_through)
    return {(int(let_through[place]), int(text)) for place, text in rows}


def test_every_probe_is_found_with_its_text(make, chunk_of, signed_of, texts: list[str]) -> None:
    segment = make(chunk_of(texts))

    signed = signed_of(texts)
    owners = np.repeat(np.arange(len(texts)), np.diff(signed.probe_bounds))
    expected = set(zip(signed.probes.tolist(), owners.tolist(), strict=True))
    expected |= set(zip(signed.content[:, 0].tolist(), range(len(texts)), strict=True))
    assert found(segment, np.concatenate([signed.probes, signed.content[:, 0]])) == expected


def test_probes_of_other_texts_are_not_found(make, chunk_of, signed_of, texts, prose) -> None:
    segment = make(chunk_of(texts))

    assert found(segment, signed_of([prose(3000, seed=-1)]).probes) == set()


def test_of_a_probe_in_many_texts_the_earliest_are_named(make, chunk_of, signed_of, prose) -> None:
    passage = prose(20, seed=0)
    texts = [f"{passage} {prose(8, seed=100 + i)}" for i in range(3 * HEADS)]
    assert len(signed_of([passage]).probes) >= PROBES

    segment = make(chunk_of(texts))

    named = {text for _, text in found(segment, signed_of([passage]).probes)}
    assert named == set(range(HEADS))


def test_more_equal_probes_than_are_read_at_once_are_found(make, chunk_of, signed_of) -> None:
    texts = [f"one two three four five six seven other{i}" for i in range(1200)]
    segment = make(chunk_of(texts))
    probes = signed_of(texts[:1]).probes

    rows = lookup(segment, probes)

    expected = [(place, text) for place, probe in enumerate(probes.tolist())
                for text in plain_holders(segment, probe)]  # fmt: skip
    assert sorted(rows.tolist()) == sorted([list(row) for row in expected])
    assert len(rows) > 2 * HEADS


def plain_holders(segment: Segment, probe: int) -> list[int]:
    """The first texts that hold a probe, from all rows of the index."""
    rows = zip(segment.arrays["probes"].tolist(), segment.arrays["texts"].tolist(), strict=True)
    return [text for held, text in rows if held == probe][:HEADS]


def test_a_lookup_is_that_of_a_plain_search(make, chunk_of, texts: list[str]) -> None:
    segment = make(chunk_of([*texts, *texts]))
    known = np.unique(segment.arrays["probes"])
    bounds = np.array([0, 2**64 - 1], dtype=np.uint64)
    asked = np.concatenate([known, known + np.uint64(1), known - np.uint64(1), bounds])
    np.random.default_rng(0).shuffle(asked)

    rows = lookup(segment, asked).tolist()

    expected = [
        [place, text]
        for place in np.argsort(asked)
        for text in plain_holders(segment, asked[place])
    ]
    assert rows == expected


def test_a_lookup_among_more_probes_than_are_read_at_once_is_that_of_a_plain_search(
    make, chunk_of, texts: list[str]
) -> None:
    """Probes that begin with the same byte, as nobody's but crafted ones do."""
    rng = np.random.default_rng(1)
    known = np.unique(rng.integers(0, 2**50, 3000, dtype=np.uint64))
    held = [np.sort(rng.choice(known, 1500, replace=False)) for _ in texts]
    chunk = chunk_of(texts)
    signed = replace(
        chunk.signed, probes=np.concatenate(held), probe_bounds=np.arange(len(texts) + 1) * 1500
    )
    nothing = np.zeros(len(signed.probes), dtype=np.bool_)
    segment = make(replace(chunk, signed=signed, is_boilerplate_probe=nothing))

    rows = lookup(segment, known)

    assert rows.tolist() == [
        [place, text]
        for place, probe in enumerate(known)
        for text in range(len(texts))
        if probe in held[text]
    ]


def test_an_index_that_ended_early_is_an_error(make, chunk_of, texts: list[str]) -> None:
    segment = make(chunk_of(texts))
    probes = np.array(segment.arrays["probes"])
    with (segment.root / "probes.npy").open("r+b") as file:
        file.truncate(200)

    with pytest.raises(OSError, match="ended early"):
        lookup(segment, probes)


def test_more_probes_than_places_have_room_for_are_refused(
    make, chunk_of, signed_of, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = make(chunk_of(texts))
    monkeypatch.setattr(bloom, "MAX_KEYS", 10)

    with pytest.raises(ValueError, match="probes at once"):
        index.held(segment, signed_of(texts).probes, NOTHING)


def test_boilerplate_is_no_probe(make, chunk_of, signed_of, prose) -> None:
    text = prose(20, seed=0)
    own = signed_of([text])

    segment = make(chunk_of([text], boilerplate=own.hashes.tolist()))

    assert found(segment, own.probes) == set()
    assert segment.arrays["boilerplate"].tolist() == list(range(len(own.hashes)))


def test_the_cut_of_chunks_leaves_no_trace(make, chunk_of, texts: list[str]) -> None:
    whole = make(chunk_of(texts), folder="a")

    parts = make(chunk_of(texts[:3]), chunk_of(texts[3:], first=3), folder="b")

    assert parts.digest == whole.digest


def test_another_text_makes_another_digest(make, chunk_of, texts: list[str]) -> None:
    assert make(chunk_of(texts)).digest != make(chunk_of(texts[:-1])).digest


def test_a_filter_larger_than_what_may_be_resident_answers_the_same(
    make, chunk_of, signed_of, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = make(chunk_of(texts))
    probes = signed_of(texts).probes
    expected = found(segment, probes)

    monkeypatch.setattr(index, "RESIDENT_BYTES", 64)

    assert found(segment, probes) == expected


@pytest.mark.parametrize("at_once", [1, 2, 50, 10**6])
def test_however_few_probes_are_in_order_at_once_the_same_are_held(
    make, chunk_of, signed_of, texts: list[str], prose, at_once: int, monkeypatch
) -> None:
    segment = make(chunk_of(texts))
    pages = signed_of([*texts, *texts, prose(900, seed=-1)])
    asked = np.concatenate([pages.probes, pages.content[:, 0]])
    places, probes = index.held(segment, asked, NOTHING)

    monkeypatch.setattr(index, "PROBES_AT_ONCE", at_once)
    again, probes_again = index.held(segment, pages.probes, pages.content[:, 0])

    assert again.tolist() == places.tolist()
    assert probes_again.tolist() == probes.tolist() == asked[places].tolist()
    assert len(places) >= 2 * len(signed_of(texts).probes)


def test_nothing_asked_is_nothing_held(make, chunk_of, texts: list[str]) -> None:
    places, probes = index.held(make(chunk_of(texts)), NOTHING, NOTHING)

    assert (places.tolist(), probes.tolist()) == ([], [])
