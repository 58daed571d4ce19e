"""A site's `/.well-known/tdmrep.json` (TDMRep, W3C community group, 2024): reservations by path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from provenance.evidence.rights import Preference, Stance
from provenance.evidence.robots import fits

PATH: Final = "/.well-known/tdmrep.json"
MAX_CHARACTERS: Final = 2**18
MAX_RULES: Final = 500
_STANCES: Final[dict[Any, Stance]] = {1: "denied", 0: "allowed", "1": "denied", "0": "allowed"}

#: (pattern, stance, address of the policy)
Reservation = tuple[str, Stance, str | None]


def parse(text: str) -> tuple[Reservation, ...]:
    """The reservations that `text` states; whatever is no reservation says nothing."""
    try:
        value = json.loads(text[:MAX_CHARACTERS])
    except (ValueError, RecursionError):
        return ()
    listed = value if isinstance(value, list) else [value]
    return tuple(found for one in listed[:MAX_RULES] if (found := _reservation(one)))


def text(reservations: Sequence[Reservation]) -> str:
    """The reservations as a tdmrep.json, which `parse` reads back."""
    rows = [
        {"location": pattern, "tdm-reservation": int(stance == "denied"), "tdm-policy": policy}
        for pattern, stance, policy in reservations
    ]
    return json.dumps(rows, ensure_ascii=False)


def preferences(reservations: Sequence[Reservation], path: str) -> list[Preference]:
    """What holds for the page at `path`: the longest locations that fit it."""
    fitting = [one for one in reservations if fits(one[0], path)]
    longest = max((len(pattern) for pattern, _, _ in fitting), default=0)
    return [
        Preference("tdmrep.json tdm-reservation", "train_ai", stance, policy)
        for pattern, stance, policy in fitting
        if len(pattern) == longest
    ]


def _reservation(one: Any) -> Reservation | None:
    if not isinstance(one, dict):
        return None
    location, said, policy = (
        one.get(name) for name in ("location", "tdm-reservation", "tdm-policy")
    )
    if not isinstance(location, str) or isinstance(said, bool | list | dict):
        return None
    stance = _STANCES.get(said)
    if stance is None:
        return None
    return location[:1024], stance, policy[:500] if isinstance(policy, str) else None
