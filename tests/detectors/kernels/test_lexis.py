"""The tables of a language hold what its plain vocabulary holds."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.kernels.lexis import language_tables
from detectors.kernels.tables import look_up, table, table_of_lines
from detectors.kernels.tokens import token_hash
from detectors.stylometry.tails import Vocabulary


@pytest.mark.parametrize("language", ["en", "fi", "no", "ja", "xx"])
def test_the_tables_are_those_of_the_vocabulary(language: str) -> None:
    plain = Vocabulary.of(language)
    expected = table(plain.zipf, list(plain.zipf.values()))

    made = language_tables(language)

    assert np.array_equal(made.zipf.keys, expected.keys)
    assert np.array_equal(made.zipf.values, expected.values)
    assert np.count_nonzero(made.excess.keys) == len(plain.excess)


def test_of_two_lines_that_are_the_same_the_first_counts() -> None:
    made = table_of_lines(b"one\ntwo\none\n", [1.0, 2.0, 3.0])

    found = [
        look_up(made, np.uint64(token_hash(np.frombuffer(word, np.uint8), 0, len(word))))
        for word in (b"one", b"two", b"three")
    ]
    assert found == [1.0, 2.0, -1.0]
