"""The detectors that a policy names: what it may say of them, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from detectors.lineup import Group, default_groups
from detectors.perplexity.presets import PRESETS, sampling_of
from detectors.registry import detector_class, registered
from provenance.errors import nearest

_PLACE: Final = 1_000
_Place: TypeAlias = Annotated[str, Field(min_length=1, max_length=_PLACE)]

#: What a detector that reads it is given, as a policy writes it.
_EXAMPLES: Final = {
    "model": "{{language_model: smollm2-135m, detectors: [{name}]}}",
    "pair": "{{language_model: qwen2.5-0.5b, sampling_model: Qwen/Qwen2.5-0.5B, detectors:"
    " [{name}]}}",
    "classifier": "{{classifier: FOLDER, detectors: [{name}]}}",
}
_SAID: Final = {
    "nothing": "no model",
    "model": "one language model",
    "pair": "a pair of language models",
    "classifier": "a classifier",
}


class DetectorGroup(BaseModel):
    """Detectors that are asked together, and the model that they read, if any, in one pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    detectors: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(min_length=1)] = (
        Field(description="Names of detectors, as `provenance.detectors` registers them.")
    )
    language_model: _Place | None = Field(
        default=None,
        description="The model whose statistics they read: a preset, a folder of safetensors, a"
        " GGUF file, or a hub id.",
    )
    sampling_model: _Place | None = Field(
        default=None,
        description="For detectors of a pair of language models: the one that is asked what it"
        " would write, while `language_model` scores. Some presets name it.",
    )
    classifier: _Place | None = Field(
        default=None,
        description="The sequence classifier that they read: a folder of safetensors or a hub id.",
    )
    device: Annotated[str, Field(pattern=r"^(cpu|cuda(:\d{1,3})?)$")] = Field(
        default="cpu",
        description="Where the model runs: cpu, cuda, or cuda:N. Scores on another device differ"
        " in their last digits.",
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
    return tuple(Group(**dict(one)) for one in chosen)


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
        yield from _model_faults(number, group)
        given = _given(group)
        for place, name in enumerate(group["detectors"]):
            where = (number,) if isinstance(value, str) else (number, "detectors", place)
            if isinstance(name, str) and (fault := _name_fault(name, given, first)):
                yield DetectorFault(where, *fault)
            elif isinstance(name, str):
                given = frozenset({detector_class(name).spec.needs})  # the others read it too
            first.add(str(name))


def _given(group: Mapping[str, Any]) -> frozenset[str]:
    """What the group has to read, as `DetectorSpec.needs` says it: a preset may be both."""
    if group.get("classifier") is not None:
        return frozenset({"classifier"})
    scoring, sampling = group.get("language_model"), group.get("sampling_model")
    if scoring is None:
        return frozenset({"nothing"})
    if sampling is not None:
        return frozenset({"pair"})
    return frozenset({"model", "pair"} if sampling_of(str(scoring), None) else {"model"})


def _name_fault(name: str, given: frozenset[str], first: set[str]) -> tuple[str, str | None] | None:
    known = registered()
    if name not in known:
        return f"no detector {name!r}", nearest(name, known)
    if name in first:
        return f"detector {name!r} is named twice", None
    needs = detector_class(name).spec.needs
    if needs in given:
        return None
    example = f": {_EXAMPLES[needs].format(name=name)}" if needs in _EXAMPLES else ""
    return f"detector {name!r} reads {_SAID[needs]}{example}", None


def _model_faults(number: int, group: Mapping[str, Any]) -> Iterator[DetectorFault]:
    """A name that is no preset, no file, and no hub id, which has a slash; keys without sense."""
    for key, presets in (("language_model", PRESETS), ("sampling_model", PRESETS),
                         ("classifier", {})):  # fmt: skip
        place = group.get(key)
        if isinstance(place, str) and not (place in presets or "/" in place or _is_here(place)):
            accepted = "preset, file, folder or hub id" if presets else "folder or hub id"
            what = f"no {key.replace('_', ' ')} {place!r}: no {accepted}"
            yield DetectorFault((number, key), what, nearest(place, presets))
    if group.get("sampling_model") is not None and group.get("language_model") is None:
        what = "says nothing without the key 'language_model'"
        yield DetectorFault((number, "sampling_model"), what)
    if group.get("classifier") is not None and group.get("language_model") is not None:
        what = "a group reads a classifier or a language model, not both"
        yield DetectorFault((number, "classifier"), what)
    if group.get("device", "cpu") != "cpu" and _given(group) == {"nothing"}:
        yield DetectorFault((number, "device"), "is for groups that read a model")


def _is_here(place: str) -> bool:
    try:
        return Path(place).exists()
    except (OSError, ValueError):  # no name that a file can have: too long, or with NUL in it
        return False
