"""The prior of a policy as the posterior reads it, and the policy that a manifest records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.evidence.posterior import Prior
from provenance.policy.model import Policy


def prior_of(policy: Policy) -> Prior:
    """The table of `policy.prior`: one probability per period of first sight."""
    (_, before), *steps = policy.prior_steps()
    return Prior(before, [day for day, _ in steps if day], [p for _, p in steps])


def recorded_policy(record: Mapping[str, Any]) -> Policy:
    """The policy whose JSON form a manifest holds, where the months of its prior are sorted."""
    months = sorted(record["prior"], key=lambda month: (not month.startswith("before_"), month))
    prior = {month: record["prior"][month] for month in months}
    return Policy.model_validate({**record, "prior": prior})
