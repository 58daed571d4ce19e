"""Stages by name, built where they run: the plan carries names and parameters only."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provenance.errors import PlanError, Problem, nearest
from provenance.stage import Stage

_STAGES = {
    "extract": "provenance.stages.extract:Extract",
    "identify": "provenance.stages.identify:Identify",
    "quality": "provenance.stages.quality:Quality",
    "gather": "provenance.stages.gather:Gather",
    "detect": "provenance.stages.detect:Detect",
    "sign": "provenance.stages.sign:Sign",
    "release": "provenance.stages.release:Release",
}


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage as data: its registered name and the keyword arguments that build it."""

    name: str
    parameters: Mapping[str, Any]

    def build(self) -> Stage:
        """The stage, loaded and constructed. Raises PlanError for an unknown name."""
        target = _STAGES.get(self.name)
        if target is None:
            raise PlanError(
                Problem(
                    "plan",
                    f"unknown stage {self.name!r}",
                    accepted=", ".join(_STAGES),
                    suggestion=nearest(self.name, _STAGES),
                )
            )
        module, _, attribute = target.partition(":")
        stage: Stage = getattr(importlib.import_module(module), attribute)(**self.parameters)
        return stage
