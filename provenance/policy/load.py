"""A policy file -> a `Policy`, or every problem in it at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeGuard

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provenance.errors import PolicyError, Problem, nearest
from provenance.policy import detectors, model, predicates
from provenance.policy import document as yaml_document
from provenance.policy.detectors import DetectorGroup
from provenance.policy.document import LIMIT_BYTES, Document, Fault
from provenance.policy.model import Policy
from provenance.policy.publication import Prices, Publication

_MODELS: dict[str, type[BaseModel]] = {
    "": Policy,
    "drop": model.DropRule,
    "mix": model.Mix,
    "mix.strata": model.Stratum,
    "mix.caps": model.Caps,
    "tails": model.Tails,
    "curriculum": model.Curriculum,
    "dedup": model.Dedup,
    "detectors": DetectorGroup,
    "dataset": Publication,
    "prices": Prices,
}

_NAME_RULE = "it must be lower-case letters, digits and '_', starting with a letter"
_MONTH_RULE: Final = "a key must be 'before_YYYY-MM' or 'YYYY-MM'"


def load(path: Path | str) -> Policy:
    """The policy in the file at `path`. Raises PolicyError with every problem found.

    Its path of a table of sources, when relative, begins at the folder of the policy.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise PolicyError(Problem(name, f"cannot be read: {error.strerror}")) from error
    if len(content) > LIMIT_BYTES:
        raise PolicyError(Problem(name, f"larger than {LIMIT_BYTES // 1024} KiB; no policy is"))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyError(Problem(f"{name}:{line}", "not UTF-8")) from error
    policy = parse(text, name=name)
    if policy.sources is None:
        return policy
    return policy.model_copy(update={"sources": str(Path(path).parent / policy.sources)})


def parse(text: str, *, name: str = "policy") -> Policy:
    """The policy that `text` says. `name` stands for the file in messages.

    Raises PolicyError with every problem found, in the order of the lines.
    """
    if len(text) > LIMIT_BYTES:
        raise PolicyError(Problem(name, f"larger than {LIMIT_BYTES // 1024} KiB; no policy is"))
    document = yaml_document.read(text)
    policy, faults = _validate(document)
    if faults or policy is None:
        ordered = sorted(faults, key=lambda fault: fault.line)
        raise PolicyError([_problem(fault, name) for fault in ordered])
    return policy


def default_policy() -> str:
    """The commented default policy, as YAML."""
    return (resources.files("provenance.policy") / "default.yaml").read_text("utf-8")


def _problem(fault: Fault, name: str) -> Problem:
    return Problem(
        f"{name}:{fault.line}", fault.what, accepted=fault.accepted, suggestion=fault.suggestion
    )


def _validate(document: Document) -> tuple[Policy | None, list[Fault]]:
    root = document.root
    if document.faults and root is None:
        return None, document.faults
    if root is None:
        return None, [Fault(1, "the policy is empty; begin with 'version: 1'")]
    if not isinstance(root, dict):
        kind = type(root).__name__
        return None, [Fault(1, f"a policy is a mapping of keys to values; this is a {kind}")]
    faults = [*document.faults, *_rule_faults(document)]
    try:
        policy = Policy.model_validate(root)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults += [_shape_fault(one, document) for one in details if not _follows(one, details)]
        return None, faults
    return policy, faults


def _follows(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether another fault says it: a rule's own, or a list empty of all that is wrong in it."""
    place = detail["loc"]
    emptied = detail["type"] == "too_short" and bool(detail["input"])
    inside = any(one["loc"][: len(place)] == place and one is not detail for one in details)
    return detail["type"] == model.RULE or (emptied and inside)


# -- the shape: keys, types, ranges -----------------------------------------------------------


def _shape_fault(detail: ErrorDetails, document: Document) -> Fault:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    line = document.line(path)
    parent, key = path[:-1], path[-1]
    match detail["type"]:
        case "missing":
            return Fault(line, f"{_place(parent)} lacks the key {key!r}")
        case "extra_forbidden":
            return _unknown_key(parent, str(key), line)
        case "string_pattern_mismatch":
            rule = _pattern_rule(path)
        case "model_type" | "dict_type" | "mapping_type":
            rule = "it must be a mapping"
        case "tuple_type":
            rule = "it must be a list"
        case _:
            rule = detail["msg"].replace("Input should be", "it must be")
    return Fault(line, f"{_dotted(path)} is {_shown(detail, path, document)}: {_lowered(rule)}")


def _pattern_rule(path: yaml_document.Path) -> str:
    """What a text at `path` must look like."""
    match path:
        case ("prior", _):
            return _MONTH_RULE
        case ("dataset", "url"):
            return "it must be an address that begins with http:// or https://"
        case ("dataset" | "prices", _):
            return "it must be one line of text"
        case ("detectors", *_):
            return "it must be cpu, cuda, or cuda:N"
        case _:  # a stratum's or view's name, a rule's reason
            return _NAME_RULE


def _unknown_key(parent: yaml_document.Path, key: str, line: int) -> Fault:
    names = ".".join(part for part in parent if isinstance(part, str))
    kind = model.View if names.startswith("views.") else _MODELS[names]
    fields = list(kind.model_fields)
    return Fault(
        line,
        f"unknown key {key!r} in {_place(parent)}",
        suggestion=nearest(key, fields),
        accepted=", ".join(fields),
    )


def _shown(detail: ErrorDetails, path: yaml_document.Path, document: Document) -> str:
    """The value as it was written, and what YAML made of it where that may surprise."""
    value = detail["input"]
    written = document.written.get(path)
    if detail["loc"][-1] == "[key]":
        return "no month" if path[:-1] == ("prior",) else "no name for a view"
    if written is None:
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool) and written.lower() not in ("true", "false"):
        return f"{written} (YAML reads it as {str(value).lower()}; quote it to mean text)"
    return repr(written[:60]) if isinstance(value, str) else written[:60] or "empty"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _dotted(path: yaml_document.Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _place(path: yaml_document.Path) -> str:
    return _dotted(path) or "the policy"


# -- the rules that span values: judged on whatever is well formed -----------------------------


def _rule_faults(document: Document) -> Iterator[Fault]:
    yield from _predicate_faults(document)
    yield from _detector_faults(document)
    yield from _prior_faults(document)
    strata = _items(document, "mix", "strata")
    yield from _name_faults(strata, document)
    yield from _share_faults(strata, document)


Item = tuple[yaml_document.Path, dict[str, Any]]


def _items(document: Document, *path: str) -> list[Item]:
    """The mappings in the list at `path`, each with its own path; none when it is no list."""
    value: Any = document.root
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    entries = value if isinstance(value, list) else []
    return [
        ((*path, index), entry) for index, entry in enumerate(entries) if isinstance(entry, dict)
    ]


def _predicate_faults(document: Document) -> Iterator[Fault]:
    rules = [((*path, "when"), rule.get("when")) for path, rule in _items(document, "drop")]
    strata = [
        ((*path, "where"), stratum.get("where"))
        for path, stratum in _items(document, "mix", "strata")
    ]
    views = document.root.get("views")
    named = [
        (("views", name, "where"), view.get("where")) if isinstance(view, dict)
        else (("views", name), view)
        for name, view in (views.items() if isinstance(views, dict) else ())
    ]  # fmt: skip
    texts: dict[yaml_document.Path, str] = {
        path: text for path, text in [*rules, *strata, *named] if _is_predicate(text)
    }
    for path, fault in zip(texts, predicates.faults(list(texts.values())), strict=True):
        if fault:
            yield Fault(document.line(path), f"{_dotted(path)}: {fault.what}", fault.suggestion)


def _detector_faults(document: Document) -> Iterator[Fault]:
    for place, what, suggestion in detectors.faults(document.root.get("detectors")):
        path = ("detectors", *place)
        yield Fault(document.line(path), f"{_dotted(path)}: {what}", suggestion)


def _is_predicate(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= model.PREDICATE_CHARACTERS


def _prior_faults(document: Document) -> Iterator[Fault]:
    prior = document.root.get("prior")
    months = list(prior) if isinstance(prior, dict) else []
    well_formed = bool(months) and all(re.match(model.MONTH_PATTERN, month) for month in months)
    if well_formed and (what := model.month_fault(months)):
        yield Fault(document.line(("prior",)), f"prior: {what}")


def _name_faults(strata: Iterable[Item], document: Document) -> Iterator[Fault]:
    first: dict[Any, int] = {}
    for path, stratum in strata:
        name = stratum.get("name")
        line = document.line((*path, "name"))
        if isinstance(name, str) and name in first:
            yield Fault(line, f"stratum {name!r} is given twice; first on line {first[name]}")
        first.setdefault(str(name), line)


def _share_faults(strata: list[Item], document: Document) -> Iterator[Fault]:
    shares = [_as_number(stratum.get("share")) for _, stratum in strata]
    known = [share for share in shares if share is not None]
    if known and len(known) == len(shares) and (what := model.share_fault(known)):
        yield Fault(document.line(("mix", "strata")), f"mix.strata: {what}")


def _as_number(value: Any) -> float | None:
    """The number that the model would read; None where the model finds fault itself."""
    try:
        number = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return number if number is not None and 0 <= number <= 1 else None
