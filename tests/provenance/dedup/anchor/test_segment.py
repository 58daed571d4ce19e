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
    places = index.held(segment, probes)
    rows = index.lookup(segment, probes[places])
    return {(int(probes[places[place]]), int(text)) for place, text in rows}


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
