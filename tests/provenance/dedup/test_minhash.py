"""Signatures against datasketch, fed with the shingles that the documentation defines."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.kernels import (
    MAX_LEVEL,
    MAX_PROBE_LEVEL,
    MAX_WORDS,
    PROBES,
    SKETCH_HASHES,
    legacy_minima,
    sketch,
    sketch_level,
)
from provenance.dedup.minhash import EMPTY, Scheme, Signed, minima, shingle_hashes, sign


def shingles(text: str) -> list[bytes]:
    words = [match.span() for match in re.finditer("[^ ]+", text)]
    firsts = range(max(1, len(words) - 4)) if words else range(0)
    return [text[words[i][0] : words[min(i + 4, len(words) - 1)][1]].encode() for i in firsts]


def low_bits(shingle: bytes) -> int:
    return xxhash.xxh64_intdigest(shingle) & 0xFFFFFFFF


def plain_signature(text: str, num_perm: int, scheme: Scheme = "affine32") -> list[int]:
    minhash = MinHash(num_perm=num_perm, seed=1, scheme=scheme, hashfunc=low_bits)
    minhash.update_batch(shingles(text))
    return minhash.hashvalues.tolist()


def signatures(
    texts: Sequence[str | None], num_perm: int, scheme: Scheme = "affine32"
) -> list[list[int]]:
    shingles = shingle_hashes(pa.array(texts, pa.large_string()))
    return minima(shingles, num_perm=num_perm, scheme=scheme).tolist()


def plain_sketch(text: str) -> list[int]:
    hashes = {low_bits(shingle) for shingle in shingles(text)}
    level = max(
        level
        for level in range(MAX_LEVEL + 1)
        if level == 0 or len(hashes) >= SKETCH_HASHES * 2**level
    )
    return sorted(value for value in hashes if value < 2 ** (32 - level))


def plain_probes(text: str) -> list[int]:
    wide = {low_bits(s): xxhash.xxh64_intdigest(s) for s in reversed(shingles(text))}
    levels = range(1, MAX_PROBE_LEVEL + 1)
    level = max((level for level in levels if len(wide) >= PROBES * 2**level), default=0)
    return sorted(whole for low, whole in wide.items() if low < 2 ** (32 - level))


def probes_of(signed: Signed, row: int) -> list[int]:
    return np.frombuffer(signed.probes[row].as_py(), dtype="<u8").tolist()


def sketch_of(signed: Signed, row: int) -> list[int]:
    return np.frombuffer(signed.sketch[row].as_py(), dtype="<u4").tolist()


texts = st.lists(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
    | st.lists(st.sampled_from(["a", "bb", "größe", "你", "𝕏", ""]), max_size=40).map(" ".join),
    max_size=6,
)


@given(texts)
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("scheme", ["affine32", "legacy"])
def test_signatures_are_those_of_datasketch_on_any_unicode(
    scheme: Scheme, given: list[str]
) -> None:
    assert signatures(given, 16, scheme) == [plain_signature(text, 16, scheme) for text in given]


@given(texts)
@settings(max_examples=100, deadline=None)
def test_the_shingles_of_a_text_are_its_distinct_hashes_in_order(given: list[str]) -> None:
    found = shingle_hashes(pa.array(given, pa.large_string()))

    expected = [{low_bits(s): xxhash.xxh64_intdigest(s) for s in shingles(t)[::-1]} for t in given]
    rows = [found.hashes[a:b].tolist() for a, b in pairwise(found.bounds)]
    assert [sorted(row) for row in rows] == [sorted(whole.values()) for whole in expected]
    order = [[xxhash.xxh64_intdigest(shingle) for shingle in shingles(text)] for text in given]
    assert all(sorted(row, key=o.index) == row for row, o in zip(rows, order, strict=True))


@given(texts)
@settings(max_examples=100, deadline=None)
def test_a_sketch_holds_the_hashes_below_its_limit_in_order(given: list[str]) -> None:
    signed = sign(pa.array(given, pa.large_string()), num_perm=1)

    assert [sketch_of(signed, row) for row in range(len(given))] == list(map(plain_sketch, given))


@pytest.mark.parametrize("num_perm", [112, 128, 256])
def test_long_texts_agree_with_datasketch_before_version_2(num_perm: int, prose) -> None:
    given = ["", *(prose(n, seed=n) for n in (1, 4, 5, 6, 127, 700, 3000))]

    expected = [plain_signature(text, num_perm, "legacy") for text in given]
    assert signatures(given, num_perm, "legacy") == expected


@pytest.mark.parametrize("num_perm", [112, 128, 256])
def test_long_texts_agree_with_datasketch_at_usual_widths(num_perm: int, prose) -> None:
    given = [prose(n, seed=n) for n in (1, 4, 5, 6, 127, 700, 3000)]

    signed = sign(pa.array(given, pa.large_string()), num_perm=num_perm)

    rows = [np.frombuffer(value.as_py(), "<u4").tolist() for value in signed.signature]
    assert rows == [plain_signature(text, num_perm) for text in given]
    assert [sketch_of(signed, row) for row in range(len(given))] == list(map(plain_sketch, given))


def test_probes_are_the_whole_hashes_of_a_smaller_sample(prose) -> None:
    given = ["", *(prose(n, seed=n) for n in (1, 5, 35, 36, 100, 700, 3000))]

    signed = sign(pa.array(given, pa.large_string()), num_perm=1)

    assert [probes_of(signed, row) for row in range(len(given))] == list(map(plain_probes, given))


def test_real_texts_agree_with_datasketch() -> None:
    if "PROVENANCE_DATA" not in os.environ:
        pytest.skip("PROVENANCE_DATA is not set")
    path = Path(os.environ["PROVENANCE_DATA"]) / "crawl" / "truth.parquet"
    column = pq.read_table(path, columns=["main_text"]).column(0).drop_null()
    given = [text.as_py() for text in column[::100]]

    assert signatures(given, 112) == [plain_signature(text, 112) for text in given]


def test_a_text_without_words_and_a_null_have_the_empty_signature() -> None:
    signed = sign(pa.array(["", None, "  "], pa.large_string()), num_perm=4)

    assert signed.signature.to_pylist() == [EMPTY.tobytes() * 4] * 3
    assert signed.n_shingles.to_pylist() == [0, 0, 0]


def test_a_slice_of_a_batch_is_signed_as_itself() -> None:
    whole = pa.array(["zero", "one two", None, "a b c d e f g"], pa.large_string())

    part = sign(whole.slice(1, 3), num_perm=8)

    assert part.signature.to_pylist() == sign(whole, num_perm=8).signature.to_pylist()[1:]


def test_a_hostile_text_is_read_to_its_limit() -> None:
    limit = " ".join(["a", "b"] * (MAX_WORDS // 2))
    given = [limit, limit + " c d e f g", limit[: -len(" a b")] + " c d"]

    found = signatures(given, 8)

    assert found[0] == found[1] != found[2]


def test_no_texts_give_no_rows() -> None:
    signed = sign(pa.array([], pa.large_string()), num_perm=112)

    assert (len(signed.signature), len(signed.sketch), len(signed.n_shingles)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("n_shingles", "level"), [(0, 0), (127, 0), (128, 1), (255, 1), (256, 2), (512, 3), (10**6, 3)]
)
def test_the_level_keeps_a_sketch_between_one_and_two_times_its_size(
    n_shingles: int, level: int
) -> None:
    assert sketch_level(n_shingles) == level


@given(st.lists(st.sampled_from("abcdefgh").map(str), max_size=2000), st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_spaces_anywhere_make_no_words(words: list[str], gap: int) -> None:
    text = (" " * gap).join(words)

    assert signatures([f" {text}  "], 4) == [plain_signature(text, 4)]


def test_hashes_that_crowd_a_few_slots_are_sorted_too() -> None:
    crowded = np.array([7, 3, 7 << 24, 5, *range(300, 200, -1), 2**32 - 1], dtype=np.uint64)
    bounds = np.array([0, len(crowded)], dtype=np.int64)
    found, offsets = np.empty(len(crowded), np.uint32), np.empty(2, np.int64)

    sketch(crowded, bounds, found, offsets)

    assert found[: offsets[1]].tolist() == sorted(crowded.tolist())


@pytest.mark.parametrize("whole", [0, 2**61 - 2, 2**61 - 1, 2**61, 2**63, 2**64 - 9, 2**64 - 1])
def test_the_legacy_permutation_reduces_the_edges_of_its_modulus(whole: int) -> None:
    rows = np.full((1, 1), EMPTY)
    bounds = np.array([0, 1], dtype=np.int64)
    addends = np.array([whole], dtype=np.uint64)

    legacy_minima(np.ones(1, np.uint64), bounds, np.zeros(1, np.uint64), addends, rows)

    assert rows[0, 0] == whole % (2**61 - 1) & 0xFFFFFFFF
