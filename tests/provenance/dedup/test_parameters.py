"""Parameters are checked whole."""

from __future__ import annotations

import pytest

from provenance.dedup.parameters import DedupParameters
from provenance.errors import RequestError


def test_every_parameter_out_of_range_is_named_at_once() -> None:
    with pytest.raises(RequestError) as raised:
        DedupParameters(bands=17, min_jaccard=1.5, boilerplate_pages=1)

    assert [problem.where for problem in raised.value.problems] == [
        "dedup bands", "dedup min_jaccard", "dedup boilerplate_pages",
    ]  # fmt: skip


def test_the_defaults_find_an_alike_pair_in_nearly_every_case() -> None:
    p = DedupParameters()

    missed = (1 - p.min_jaccard**p.rows) ** p.bands

    assert missed < 0.005
