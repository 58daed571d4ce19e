"""A segment finds every probe that was put in, names its text, and is the same however written."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.dedup.anchor import index
from provenance.dedup.anchor.tables import Segment
from provenance.dedup.kernels import PROBES


@pytest.fixture
def texts(prose) -> list[str]:
    return [prose(n, seed=n) for n in (5, 6, 30, 31, 60, 200, 700, 5000)]


def found(segment: Segment, probes: np.ndarray) -> set[tuple[int, int]]:
    places, let_through = index.held(segment, probes)
    assert let_through.tolist() == probes[places].tolist()
    rows = index.lookup(segment, let_through)
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
    texts = [f"{passage} {prose(8, seed=100 + i)}" for i in range(3 * index.HEADS)]
    assert len(signed_of([passage]).probes) >= PROBES

    segment = make(chunk_of(texts))

    named = {text for _, text in found(segment, signed_of([passage]).probes)}
    assert named == set(range(index.HEADS))


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
    monkeypatch.setattr(index, "_LOOKUPS_AT_ONCE", 3)

    assert found(segment, probes) == expected


@pytest.mark.parametrize("at_once", [1, 2, 50, 10**6])
def test_however_few_probes_are_in_order_at_once_the_same_are_held(
    make, chunk_of, signed_of, texts: list[str], prose, at_once: int, monkeypatch
) -> None:
    segment = make(chunk_of(texts))
    pages = signed_of([*texts, *texts, prose(900, seed=-1)])
    asked = np.concatenate([pages.probes, pages.content[:, 0]])
    places, probes = index.held(segment, asked)

    monkeypatch.setattr(index, "PROBES_AT_ONCE", at_once)
    again, probes_again = index.held(segment, pages.probes, pages.content[:, 0])

    assert again.tolist() == places.tolist()
    assert probes_again.tolist() == probes.tolist() == asked[places].tolist()
    assert len(places) >= 2 * len(signed_of(texts).probes)


def test_nothing_asked_is_nothing_held(make, chunk_of, texts: list[str]) -> None:
    places, probes = index.held(make(chunk_of(texts)), np.zeros(0, np.uint64))

    assert (places.tolist(), probes.tolist()) == ([], [])
