"""Philox 4x32-10, and the table a CUDA device draws with it."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.watermark.philox import philox, randint_table

# Known answers of Random123 (Salmon et al. 2011), file kat_vectors.
ANSWERS = {
    "zeros": ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    "ones": (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    "pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
}


@pytest.mark.parametrize(("counter", "key", "words"), ANSWERS.values(), ids=ANSWERS.keys())
def test_known_answers(
    counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]
) -> None:
    a, b, c, d = (np.array([word], np.uint64) for word in counter)

    assert philox((a, b, c, d), key)[0].tolist() == list(words)


def test_a_table_takes_the_first_word_of_its_elements_own_counter() -> None:
    zero = np.zeros(1, np.uint64)
    words = philox((zero, zero, np.array([41], np.uint64), zero), (5, 1))

    table = randint_table(2**32 + 5, 100, high=2)

    assert table[41] == words[0, 0] % 2
    assert set(table.tolist()) == {0, 1}
