"""Payloads as one Arrow column."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sources.rows import Payloads


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=50))), st.integers(0, 100))
def test_payloads_make_the_column_that_arrow_makes_of_them(
    values: list[bytes | None], capacity_bytes: int
) -> None:
    payloads = Payloads(capacity_bytes)
    for value in values:
        payloads.add(None if value is None else memoryview(value))
    column = payloads.array()

    column.validate(full=True)
    assert column.equals(pa.array(values, pa.large_binary()))
    assert payloads.n_bytes == sum(len(value or b"") for value in values)


def test_what_a_payload_is_a_view_of_is_free_once_it_is_added() -> None:
    member = np.zeros(1000, np.uint8)
    is_alive = weakref.ref(member)
    payloads = Payloads(10)
    payloads.add(memoryview(member)[5:])
    del member
    gc.collect()

    assert is_alive() is None
    assert payloads.array().to_pylist() == [bytes(995)]
