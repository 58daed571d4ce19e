"""Asking for memory changes nothing, whatever the address."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from provenance.dedup.prefetch import prefetch


@njit
def ask(address):  # type: ignore[no-untyped-def]
    prefetch(np.uint64(address))
    return address


@pytest.mark.parametrize("address", [0, 1, 4096, 2**47, 2**63, 2**64 - 1])
def test_no_address_does_harm(address: int) -> None:
    assert ask(np.uint64(address)) == address


def test_what_is_asked_for_stays_as_it_is() -> None:
    values = np.arange(100)

    ask(np.uint64(values.ctypes.data))

    assert values.tolist() == list(range(100))
