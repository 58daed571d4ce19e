"""Which column of a labelled file says what: the layouts of published benchmarks, and any other.

| layout   | recognised by                               | label                               |
|----------|---------------------------------------------|-------------------------------------|
| raid     | id, generation, model, attack               | model "human", or a generator       |
| raid_test| id, generation, no model                    | none: scored for a submission       |
| hc3      | human_answers, chatgpt_answers              | by the column; a text per answer    |
| mage     | text, label, src                            | 1 = human, 0 = machine, and src     |
| labelled | text, label, or the columns that are named  | human or ai, or as `Labels` says    |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from provenance.engines.bench import files
from provenance.errors import InputError, Problem, nearest

NO_ATTACK: Final = "none"
HUMAN: Final = "human"
UNKNOWN: Final = "unknown"

#: Label values that need no statement, in lower case.
_HUMAN_WORDS: Final = frozenset({"human", "human-written", "human_written"})
_AI_WORDS: Final = frozenset(
    {"ai", "machine", "generated", "ai-generated", "machine-generated", "synthetic", "llm"}
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text of a benchmark.

    is_ai: None where the benchmark keeps its labels. language: None = to be detected. unit: what
    texts made of each other share, such as RAID's source_id; None = the text alone.
    """

    id: str
    text: str
    is_ai: bool | None
    dataset: str
    generator: str
    domain: str
    language: str | None
    attack: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """The columns that the caller names; None = the name itself, where the file has it."""

    text: str | None = None
    label: str | None = None
    id: str | None = None
    dataset: str | None = None
    generator: str | None = None
    domain: str | None = None
    language: str | None = None
    attack: str | None = None

    def named(self) -> dict[str, str]:
        """What was named, by meaning."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {meaning: name for meaning, name in given.items() if name}

    def of(self, meaning: str) -> str:
        """The column that holds `meaning`."""
        return getattr(self, meaning) or meaning


@dataclass(frozen=True, slots=True)
class Labels:
    """Label values and what they mean: {"0": False, "1": True} says that 1 is machine text."""

    is_ai: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def parse(cls, said: str) -> Labels:
        """Of "human=0,ai=1". Raises InputError."""
        found: dict[str, bool] = {}
        for part in said.split(","):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if name not in ("human", "ai") or not equals or not value or value in found:
                accepted = "human=VALUE,ai=VALUE, such as human=0,ai=1"
                raise InputError(Problem("labels", f"is {said!r}", accepted=accepted))
            found[value] = name == "ai"
        return cls(found)

    def read(self, value: Any) -> bool:
        """Whether a label's value means machine text. Raises KeyError where that is not stated."""
        shown = str(value).strip()
        if shown in self.is_ai:
            return self.is_ai[shown]
        word = shown.lower()
        if not self.is_ai and word in _HUMAN_WORDS | _AI_WORDS:
            return word in _AI_WORDS
        raise KeyError(shown)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a file are read. columns: what is read of them."""

    name: str
    columns: tuple[str, ...]
    texts: Callable[[int, files.Row], Iterator[Labelled]]


def layout_of(path: Path, columns: NamedColumns, labels: Labels) -> Layout:
    """The layout of a file. Raises InputError where it cannot be told, or a named column lacks."""
    names = files.columns_of(path)
    if not columns.named():
        for recognise in (_raid, _hc3, _mage):
            found = recognise(path, names)
            if found is not None:
                return found
    return _labelled(path, names, columns, labels)


def _raid(path: Path, names: Sequence[str]) -> Layout | None:
    if not {"id", "generation"} <= set(names):
        return None
    dataset = files.stem(path)
    if "model" not in names:
        return Layout("raid_test", ("id", "generation"), lambda _, row: iter(
            [Labelled(str(row["id"]), row["generation"] or "", None, dataset, UNKNOWN, UNKNOWN,
                      None, UNKNOWN)]))  # fmt: skip
    columns = ("id", "generation", "model", "attack", "domain", "source_id")
    return Layout("raid", columns, lambda _, row: iter([_raid_text(dataset, row)]))


#: Domains of RAID-extra that are not English.
_RAID_LANGUAGES: Final = {"czech": "cs", "german": "de"}


def _raid_text(dataset: str, row: files.Row) -> Labelled:
    domain = row.get("domain") or UNKNOWN
    return Labelled(
        id=str(row["id"]),
        text=row["generation"] or "",
        is_ai=row["model"] != HUMAN,
        dataset=dataset,
        generator=row["model"],
        domain=domain,
        language=_RAID_LANGUAGES.get(domain, "en"),
        attack=row.get("attack") or NO_ATTACK,
        unit=row.get("source_id"),
    )


def _hc3(path: Path, names: Sequence[str]) -> Layout | None:
    if not {"human_answers", "chatgpt_answers"} <= set(names):
        return None
    dataset = files.stem(path)
    columns = ("question", "human_answers", "chatgpt_answers", "source")

    def texts(number: int, row: files.Row) -> Iterator[Labelled]:
        domain = row.get("source") or dataset
        for column, generator in (("human_answers", HUMAN), ("chatgpt_answers", "chatgpt")):
            for k, answer in enumerate(row[column] or ()):
                name = f"{dataset}:{number}:{generator}:{k}"
                unit = f"{dataset}:{number}"
                yield Labelled(name, answer, generator != HUMAN, dataset, generator, domain, None,
                               NO_ATTACK, unit)  # fmt: skip

    return Layout("hc3", columns, texts)


#: MAGE's src: DOMAIN_human, or DOMAIN_machine_PROMPT_GENERATOR.
_MAGE_MACHINE: Final = re.compile(r"(?P<domain>.+?)_machine_[a-z]+_(?P<generator>.+)")


def _mage(path: Path, names: Sequence[str]) -> Layout | None:
    if not {"text", "label", "src"} <= set(names):
        return None
    dataset = files.stem(path)
    return Layout(
        "mage",
        ("text", "label", "src"),
        lambda number, row: iter([_mage_text(path, dataset, number, row)]),
    )


def _mage_text(path: Path, dataset: str, number: int, row: files.Row) -> Labelled:
    src, label = row["src"] or UNKNOWN, str(row["label"])
    machine = _MAGE_MACHINE.fullmatch(src)
    is_human_source = src.endswith("_human")
    if label not in ("0", "1") or (machine and label == "1") or (is_human_source and label == "0"):
        what = f"label {label} of src {src!r}: in MAGE 1 is human and 0 machine"
        accepted = "MAGE's own labels; or name the columns and say --labels"
        raise InputError(Problem(f"{path}, row {number + 1}", what, accepted=accepted))
    is_ai = label == "0"
    domain = machine["domain"] if machine else src.removesuffix("_human")
    generator = HUMAN if not is_ai else machine["generator"] if machine else src
    return Labelled(f"{dataset}:{number}", row["text"] or "", is_ai, dataset, generator, domain,
                    None, NO_ATTACK)  # fmt: skip


def _labelled(path: Path, names: Sequence[str], columns: NamedColumns, labels: Labels) -> Layout:
    _require(path, names, columns)
    read = {one.name: columns.of(one.name) for one in fields(columns)}
    dataset = files.stem(path)

    def texts(number: int, row: files.Row) -> Iterator[Labelled]:
        given = {meaning: row.get(name) for meaning, name in read.items()}
        yield _labelled_text(f"{path}, row {number + 1}", dataset, number, given, labels)

    return Layout("labelled", tuple(read.values()), texts)


def _require(path: Path, names: Sequence[str], columns: NamedColumns) -> None:
    asked = {meaning: columns.of(meaning) for meaning in ("text", "label")} | columns.named()
    problems = [
        Problem(
            str(path),
            f"no column {name!r} for --{meaning}-column",
            accepted=", ".join(names),
            suggestion=nearest(name, names),
        )
        for meaning, name in asked.items()
        if name not in names
    ]
    if problems:
        raise InputError(problems)


def _labelled_text(
    where: str, dataset: str, number: int, given: Mapping[str, Any], labels: Labels
) -> Labelled:
    try:
        is_ai = labels.read(given["label"])
    except KeyError as error:
        stated = "say which is which: --labels human=VALUE,ai=VALUE"
        what = f"label {error.args[0]!r} is neither human nor ai"
        raise InputError(Problem(where, what, accepted=stated)) from None
    if not isinstance(given["text"], str):
        raise InputError(Problem(where, f"the text is {type(given['text']).__name__}"))

    def said(meaning: str, otherwise: str) -> str:
        value = given.get(meaning)
        return otherwise if value is None else str(value)

    return Labelled(
        id=said("id", f"{dataset}:{number}"),
        text=given["text"],
        is_ai=is_ai,
        dataset=said("dataset", dataset),
        generator=said("generator", UNKNOWN) if is_ai else HUMAN,
        domain=said("domain", UNKNOWN),
        language=said("language", "") or None,
        attack=said("attack", NO_ATTACK),
    )
