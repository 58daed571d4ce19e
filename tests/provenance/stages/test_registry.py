"""Stages by name."""

from __future__ import annotations

import pytest

from provenance import batch
from provenance.engines.plan import installed_versions
from provenance.errors import PlanError
from provenance.stage import Stage, check_chain
from provenance.stages.registry import StageSpec

CHAIN = [
    StageSpec("extract", {}),
    StageSpec("identify", {"tokenizer": None}),
    StageSpec("gather", {}),
    StageSpec("detect", {}),
    StageSpec("sign", {"num_perm": 16}),
]


def test_every_stage_of_a_scoring_run_builds_and_finds_its_columns() -> None:
    stages = [spec.build() for spec in CHAIN]

    after = check_chain(stages, batch.added_by("source"))

    assert all(isinstance(stage, Stage) for stage in stages)
    assert "raw" not in after
    assert {"text", "lang", "evidence", "llr", "signature"} <= set(after)


def test_an_unknown_stage_suggests_the_nearest() -> None:
    with pytest.raises(PlanError, match="did you mean 'extract'"):
        StageSpec("extrakt", {}).build()


def test_the_versions_that_decide_the_bytes_are_recorded() -> None:
    assert {"pyarrow", "resiliparse", "numba"} <= set(installed_versions())
