"""The detectors that a policy names: what it may say of them, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from detectors.lineup import Group, default_groups
from detectors.perplexity.presets import PRESETS
from detectors.registry import detector_class, registered
from provenance.errors import nearest

_PLACE: Final = 1_000


class DetectorGroup(BaseModel):
    """Detectors that are asked: of a language model, several read what it says in one pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    detectors: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(min_length=1)] = (
        Field(description="Names of detectors, as `provenance.detectors` registers them.")
    )
    language_model: Annotated[str, Field(min_length=1, max_length=_PLACE)] | None = Field(
        default=None,
        description="The model whose statistics they read: a preset, a folder of safetensors, a"
        " GGUF file, or a hub id.",
    )


def _named(value: Any) -> Any:
    return {"detectors": [value]} if isinstance(value, str) else value


DetectorGroups = Annotated[
    tuple[Annotated[DetectorGroup, BeforeValidator(_named)], ...], Field(min_length=1)
]


class DetectorFault(NamedTuple):
    """What is wrong with the group at `place`, and the nearest right name."""

    place: tuple[int | str, ...]
    what: str
    suggestion: str | None = None


def groups(chosen: Sequence[DetectorGroup] | None) -> tuple[Group, ...]:
    """The groups to load; without a choice, the defaults."""
    if chosen is None:
        return default_groups()
    return tuple(Group(one.detectors, one.language_model) for one in chosen)


def detector_names(chosen: Sequence[DetectorGroup] | None) -> tuple[str, ...]:
    """Every detector of the groups to load."""
    return tuple(name for group in groups(chosen) for name in group.detectors)


def faults(chosen: Any) -> Iterator[DetectorFault]:
    """What is wrong with the names in `chosen`, the value of the key `detectors` as it was read.

    What is of the wrong shape has other faults, and none here.
    """
    first: set[str] = set()
    for number, value in enumerate(chosen if isinstance(chosen, list) else ()):
        group = _named(value)
        if not isinstance(group, dict) or not isinstance(group.get("detectors"), list):
            continue
        model = group.get("language_model")
        yield from _model_faults(number, model)
        for place, name in enumerate(group["detectors"]):
            where = (number,) if isinstance(value, str) else (number, "detectors", place)
            if isinstance(name, str) and (fault := _name_fault(name, model, first)):
                yield DetectorFault(where, *fault)
            first.add(str(name))


def _name_fault(name: str, model: Any, first: set[str]) -> tuple[str, str | None] | None:
    known = registered()
    if name not in known:
        return f"no detector {name!r}", nearest(name, known)
    if name in first:
        return f"detector {name!r} is named twice", None
    needs = detector_class(name).spec.needs
    if needs in ("pair", "classifier"):
        read = "two language models" if needs == "pair" else "a classifier"
        return f"detector {name!r} reads {read}, which a policy cannot name", None
    if needs == "model" and model is None:
        example = f"{{language_model: smollm2-135m, detectors: [{name}]}}"
        return f"detector {name!r} reads a language model: {example}", None
    if needs == "nothing" and model is not None:
        return f"detector {name!r} reads no language model", None
    return None


def _model_faults(number: int, model: Any) -> Iterator[DetectorFault]:
    """A name that is no preset, no file, and no hub id, which has a slash."""
    if not isinstance(model, str) or model in PRESETS or "/" in model or Path(model).exists():
        return
    what = f"no language model {model!r}: no preset, file, folder or hub id"
    yield DetectorFault((number, "language_model"), what, nearest(model, PRESETS))
