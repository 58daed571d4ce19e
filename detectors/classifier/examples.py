"""Labelled texts for training and evaluation, and which of them a configuration allows."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_FAMILY: Final = re.compile("^[a-z]+")
FIELDS: Final = ("text", "label", "language", "dataset", "source", "generator", "domain", "attack")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text.

    label: "human" or "ai". dataset: the file it is from. source: where a human text comes from, the
    unit that is held out; the dataset again for an AI text. attack: "none" or its name.
    """

    text: str
    label: str
    language: str
    dataset: str
    source: str
    generator: str = "human"
    domain: str = ""
    attack: str = "none"

    @property
    def is_ai(self) -> bool:
        return self.label == "ai"

    @property
    def group(self) -> str:
        """The unit that is balanced: a human source, or one generator of one dataset."""
        return f"{self.dataset}:{self.generator}" if self.is_ai else self.source

    @property
    def family(self) -> str:
        """The family of the generator, the letters its name begins with: "gpt", "llama"."""
        return "".join(_FAMILY.findall(self.generator.lower())[:1]) if self.is_ai else ""

    @property
    def unit(self) -> str:
        """The unit that is held out: whatever shares human texts, topics or prompts."""
        return self.source if self.dataset.startswith("human/") else self.dataset


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be trained on: licence per dataset, less the generators left out on purpose."""

    licences: Mapping[str, str]
    languages: Sequence[str]
    without_generators: Sequence[str] = field(default_factory=tuple)

    def __contains__(self, example: object) -> bool:
        return (
            isinstance(example, Example)
            and example.dataset in self.licences
            and example.language in self.languages
            and example.generator not in self.without_generators
        )


def read_jsonl(folder: Path) -> Iterator[Example]:
    """All examples of `*.jsonl.gz` in `folder`, by file name; KeyError on a lost field."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield _example(json.loads(line))


def write_jsonl(examples: Iterable[Example], path: Path) -> None:
    """Write examples where `read_jsonl` finds them; `path` ends in .jsonl.gz."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=3) as file:
        for example in examples:
            row = {name: getattr(example, name) for name in FIELDS}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _example(row: Mapping[str, Any]) -> Example:
    return Example(**{name: str(row[name]) for name in FIELDS})
