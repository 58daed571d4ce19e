"""What `diff` answers: two finished datasets compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from provenance.emit.canonical import canonical_json
from provenance.emit.manifest import read_manifest
from provenance.errors import InputError, Problem
from provenance.report.diff import compare, render
from provenance.session import Session

DECISIONS = "decisions.parquet"


@dataclass(frozen=True, slots=True)
class Difference:
    """From one dataset to another. facts: see `report.diff.compare`, and the policy keys that
    differ."""

    facts: Mapping[str, Any]

    def text(self) -> str:
        """What entered, what left and why, for a terminal."""
        return render(self.facts)

    def json(self) -> str:
        """The same as canonical JSON."""
        return canonical_json(self.facts)


def diff_datasets(before: Path, after: Path) -> Difference:
    """What changed from the dataset `before` to the dataset `after`. Raises InputError."""
    first, second = _policies(before, after)
    keys = sorted(key for key in first.keys() | second.keys() if first.get(key) != second.get(key))
    with TemporaryDirectory(prefix="provenance-") as folder, Session(Path(folder) / "s") as session:
        facts = compare(session, before / DECISIONS, after / DECISIONS)
    return Difference({**facts, "policy_keys": keys})


def _policies(*datasets: Path) -> list[dict[str, Any]]:
    """The recorded policies; every folder that holds no dataset is named at once."""
    policies: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for out in datasets:
        try:
            policies.append(read_manifest(out)["policy"])
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return policies
