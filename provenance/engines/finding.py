"""One thing wrong with a dataset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """code: a key of reasons.FINDING. where: a file of the dataset, or what was given from outside.

    what: the numbers and names behind it.
    """

    where: str
    code: str
    what: str
