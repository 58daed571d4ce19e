"""A chain of stages is checked whole before a byte is read."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pytest

from provenance.errors import PlanError
from provenance.stage import Stage, check_chain


@dataclass
class Fake:
    """A stage that only declares."""

    name: str
    reads: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch


def test_a_chain_that_fits_says_what_comes_out() -> None:
    chain: list[Stage] = [
        Fake("extract", ("raw",), ("text",), ("raw",)),
        Fake("count", ("text",), ("n",)),
    ]

    assert check_chain(chain, ["raw", "url"]) == ("url", "text", "n")


def test_every_fault_of_a_chain_is_reported_at_once_naming_both_stages() -> None:
    chain: list[Stage] = [
        Fake("count", ("text",), ("n",)),
        Fake("extract", ("raw",), ("text", "n"), ("raw",)),
        Fake("hash", ("raw", "txet")),
    ]

    with pytest.raises(PlanError) as caught:
        check_chain(chain, ["raw"])

    assert str(caught.value) == (
        "stage 'count': reads 'text', which nothing before adds; stage 'extract' adds it later\n"
        "stage 'extract': adds 'n', already added by stage 'count'\n"
        "stage 'hash': reads 'raw', which nothing before adds\n"
        "stage 'hash': reads 'txet', which nothing before adds; did you mean 'text'?"
    )
