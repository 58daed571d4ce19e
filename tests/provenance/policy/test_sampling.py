from __future__ import annotations

import math
import random

import numpy as np
import pytest

from provenance.policy.sampling import (
    ascending,
    id_words,
    mix64,
    portable_log,
    sampling_keys,
    uniforms,
)

MASK = 2**64 - 1

KEYS = [
    "0x1.31ba127634babp-2",
    "0x1.3d78c01312e34p-4",
    "0x1.3015d103bdd2fp-2",
    "0x1.c4d247c057886p-3",
]


def mix64_in_python(word: int) -> int:
    """The same finaliser, one integer at a time."""
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & MASK
    return word ^ (word >> 31)


def uniform_in_python(doc_id: bytes, seed: int) -> float:
    golden = 0x9E3779B97F4A7C15
    state = mix64_in_python((seed + golden) & MASK)
    for start in (0, 8):
        word = int.from_bytes(doc_id[start : start + 8], "little")
        state = mix64_in_python(((state ^ word) + golden) & MASK)
    return ((state >> 12) + 0.5) / 2**52


def documents(n: int, seed: int = 0) -> list[bytes]:
    generator = random.Random(seed)
    return [generator.randbytes(16) for _ in range(n)]


def test_the_finaliser_gives_the_first_output_of_splitmix64() -> None:
    # The generator's published first output for seed 0 is mix64(0x9E3779B97F4A7C15).
    (word,) = mix64(np.array([0x9E3779B97F4A7C15], dtype=np.uint64))

    assert int(word) == 0xE220A8397B1DCDAF


def test_uniforms_agree_with_the_plain_python_twin() -> None:
    ids = documents(200)

    fast = uniforms(id_words(b"".join(ids)), 7)

    assert fast.tolist() == [uniform_in_python(doc_id, 7) for doc_id in ids]


def test_uniforms_are_spread_evenly_and_depend_on_the_seed() -> None:
    words = id_words(b"".join(documents(20_000)))

    counts, _ = np.histogram(uniforms(words, 1), bins=20, range=(0, 1))

    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8  # chi-square, 19 degrees, p = 0.001
    assert abs(np.corrcoef(uniforms(words, 1), uniforms(words, 2))[0, 1]) < 0.03


def test_the_portable_logarithm_is_within_two_units_in_the_last_place() -> None:
    generator = np.random.default_rng(3)
    values = np.concatenate(
        [
            generator.random(20_000),
            2.0 ** -generator.uniform(0, 60, 20_000),
            [0.5, 1.0, 2.0, 1e-300],
        ]
    )

    exact = np.array([math.log(value) for value in values])

    assert np.all(np.abs(portable_log(values) - exact) <= 2 * np.spacing(np.abs(exact)))


def test_the_order_has_not_changed_since_it_was_first_published() -> None:
    # A dataset is reproducible only as long as these stay as they are.
    words = id_words(bytes(range(64)))

    keys = sampling_keys(words, np.array([1, 1, 2, 4], dtype=np.float32), seed=0)

    assert [key.hex() for key in keys.tolist()] == KEYS


def test_heavier_documents_come_first_in_proportion_to_their_weight() -> None:
    # P(first of two) = w / (w + v): here 3 / 4 (Efraimidis & Spirakis 2006).
    heavy, light = (
        id_words(b"".join(documents(20_000, 1))),
        id_words(b"".join(documents(20_000, 2))),
    )
    ones = np.ones(20_000, dtype=np.float32)

    first = sampling_keys(heavy, 3 * ones, seed=5) < sampling_keys(light, ones, seed=5)

    assert first.mean() == pytest.approx(0.75, abs=0.012)  # four standard errors


def test_equal_keys_are_ordered_by_id() -> None:
    words = np.array([[2, 0], [1, 9], [1, 3], [0, 0]], dtype=np.uint64)

    assert ascending(np.array([0.5, 0.5, 0.5, 0.7]), words).tolist() == [2, 1, 0, 3]


def test_the_fast_order_is_the_order_by_key_and_id() -> None:
    words = id_words(b"".join(documents(1000)))
    keys = uniforms(words, 0)

    slow = np.lexsort((words[:, 1], words[:, 0], keys))

    assert ascending(keys, words).tolist() == slow.tolist()
