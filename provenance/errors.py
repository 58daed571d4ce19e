"""What can go wrong, as a tree.

ProvenanceError
├── RequestError            asked wrongly: every problem at once, before anything is read; exit 2
│   ├── InputError          an input that does not exist, cannot be opened, or is of no known format
│   ├── PolicyError         a policy file that does not say what its author meant
│   ├── PlanError           stages that do not fit together
│   └── OutputError         an output folder that cannot be written, or holds another run
└── RunError                the work itself failed: names path, shard and attempt; exit 1

A broken *record* is none of these: it is data, a row of the reject ledger with a reason
(`provenance.reasons`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def nearest(name: str, accepted: Iterable[str]) -> str | None:
    """The accepted name that `name` was most likely meant to be, or None when none is close."""
    close = difflib.get_close_matches(name, list(accepted), n=1, cutoff=0.6)
    return close[0] if close else None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request.

    where: the file and line, option or argument. what: the fault and the value given.
    accepted: what would have been right. suggestion: the nearest right name.
    """

    where: str
    what: str
    accepted: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        if self.suggestion:
            text += f"; did you mean {self.suggestion!r}?"
        if self.accepted:
            text += f" (accepted: {self.accepted})"
        return text


class ProvenanceError(Exception):
    """Base of every error this library raises on purpose. `exit_code` is the command's."""

    exit_code = 1


class RequestError(ProvenanceError):
    """The request is wrong. `problems` holds every fault found, never only the first."""

    exit_code = 2

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(RequestError):
    """An input does not exist, cannot be opened, or is of no format we read."""


class PolicyError(RequestError):
    """A policy does not parse, names what does not exist, or asks for the impossible."""


class PlanError(RequestError):
    """Stages do not fit together: a column is read that nothing before it adds."""


class OutputError(RequestError):
    """The output folder cannot be written, or holds the result of another request."""


class RunError(ProvenanceError):
    """The work failed on one shard after all attempts. Finished slices stay finished."""

    def __init__(self, what: str, *, shard: str, attempt: int = 1) -> None:
        self.shard = shard
        self.attempt = attempt
        super().__init__(f"{shard} (attempt {attempt}): {what}")
