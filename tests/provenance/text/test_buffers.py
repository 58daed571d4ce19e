"""The memory of Arrow strings: shared where it is long enough, and never read past."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from provenance.text.buffers import string_buffers

TEXTS = ["one", None, "", "größe", "four"]


def texts_in(data: np.ndarray, offsets: np.ndarray) -> list[str]:
    return [data[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)]


@pytest.mark.parametrize("overread", [0, 32, 500])
def test_every_text_can_be_overread_wherever_it_stands(overread: int) -> None:
    whole = pa.array(TEXTS, pa.large_string())

    for start in range(len(TEXTS) + 1):
        for n in range(len(TEXTS) - start + 1):
            data, offsets = string_buffers(whole.slice(start, n), overread=overread)
            assert len(data) == offsets[-1] + overread
            assert texts_in(data, offsets) == [one or "" for one in TEXTS[start : start + n]]


def test_memory_that_is_long_enough_is_shared() -> None:
    text = pa.array(["a" * 100, "b" * 100], pa.large_string())

    data, _ = string_buffers(text.slice(0, 1), overread=32)

    assert data.base is not None
    assert data[100:].tobytes() == b"b" * 32
