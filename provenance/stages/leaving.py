"""Which documents may leave the cascade: those whose decision no detector left can change.

A decision turns on detection where a policy's predicates compare its columns with numbers, and
where tiers do. Of each document the prior and the evidence are known before it is read; not known
yet is whether an earlier copy of it will lend it a date. So a document may leave when, for every
date it may be lent, all that its detection may still become lies on one side of every such number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.cascade import Reach
from provenance.emit.canonical import digest_json
from provenance.errors import InputError, Problem
from provenance.evidence.posterior import Prior
from provenance.evidence.sources import EMPTY
from provenance.evidence.weighing import weigh
from provenance.policy.cuts import Cut, cuts
from provenance.policy.model import Policy
from provenance.policy.prior import prior_of
from provenance.policy.source_table import load_sources
from provenance.stages.grade import Days, Float64, Grade, Known, days

#: Columns of a batch that say what is known of a document besides detection.
READS: Final = ("url", "captured_at", "evidence")
#: A number this close is not told apart: columns are float32.
_MARGIN: Final = 1e-5
_TICK: Final = np.timedelta64(1, "us")

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Ends:
    """The least and the most of a column, and whether it may be null, or given: [n] each."""

    least: Float64
    most: Float64
    may_be_null: Bool
    may_be_given: Bool

    def lie_beside(self, number: float) -> Bool:
        """Whether any comparison with `number` has one answer for all of it."""
        margin = _MARGIN * max(1.0, abs(number))
        beside = (self.most < number - margin) | (self.least > number + margin)
        return np.where(self.may_be_given, beside & ~self.may_be_null, True)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Says of documents whether everything within reach of detection decides them alike."""

    grade: Grade
    cuts: tuple[Cut, ...]

    def settled(self, batch: pa.RecordBatch, reach: Reach) -> Bool:
        """Of each document of `batch`, which has the columns READS: bool [n]."""
        captured = days(batch, "captured_at")
        classes = self.grade.classes(batch.column("url").to_pylist())
        weighed = weigh(batch.column("evidence"))
        settled = np.ones(batch.num_rows, dtype=bool)
        for seen in self._dates(captured):
            known = self.grade.known(
                captured=captured, seen=seen, source_class=classes, evidence=weighed
            )
            settled &= self._decided(known, reach)
        return settled

    def _dates(self, captured: Days) -> Iterator[Days]:
        """The dates of first sight that differ in prior or cutoff: one's own, and each earlier.

        The last moment before a step stands for all since the step before it.
        """
        yield captured
        steps = {np.datetime64(day, "us") for day in (*self.grade.prior.starts, self.grade.cutoff)}
        for step in sorted(steps):
            lent = step - _TICK
            yield np.where(np.isnat(captured) | (lent < captured), lent, captured)

    def _decided(self, known: Known, reach: Reach) -> Bool:
        ends = _ends(known, reach)
        settled = self._one_tier(known, reach, ends["p_synthetic"])
        for column, number in self.cuts:
            settled &= ends[column].lie_beside(number)
        return settled

    def _one_tier(self, known: Known, reach: Reach, p: _Ends) -> Bool:
        """Whether all outcomes within reach give one tier for one reason."""
        rate = self.grade.false_positive_rate
        least, most = reach.human_tail
        given = reach.may_be_given
        tails = {
            0.0: given & (least <= rate * (1 + _MARGIN)),
            1.0: given & (most >= rate * (1 - _MARGIN)),
            np.nan: reach.may_be_null,
        }
        shares = {0.0: p.least <= 0.5 + _MARGIN, 1.0: p.most >= 0.5 - _MARGIN}
        n = len(given)
        first, is_one = np.full(n, "", dtype=object), np.ones(n, dtype=bool)
        for tail, tail_possible in tails.items():
            for share, share_possible in shares.items():
                tiers = self.grade.tiers(
                    known, human_tail=np.full(n, tail), p_synthetic=np.full(n, share)
                )
                reason = np.array(tiers.reason, dtype=object)
                possible = tail_possible & share_possible
                is_one &= ~possible | (first == "") | (first == reason)
                first = np.where(possible & (first == ""), reason, first)
        return is_one


def _ends(known: Known, reach: Reach) -> dict[str, _Ends]:
    """The ends of every column that a policy may cut."""
    null, given = reach.may_be_null, reach.may_be_given
    always = np.ones(len(null), dtype=bool)
    (least, most), (floor, ceiling) = reach.llr, reach.interval
    low = known.posterior(llr=least, llr_low=floor, llr_high=least)
    high = known.posterior(llr=most, llr_low=most, llr_high=ceiling)
    nothing = np.full(len(null), np.nan)
    silent = known.posterior(llr=nothing, llr_low=nothing, llr_high=nothing)

    def hull(bottom: Float64, top: Float64, unread: Float64) -> _Ends:
        bottom = np.where(null, np.minimum(bottom, unread), bottom)
        return _Ends(bottom, np.where(null, np.maximum(top, unread), top), ~always, always)

    return {
        "p_synthetic": hull(low.p, high.p, silent.p),
        "p_low": hull(low.low, high.low, silent.low),
        "p_high": hull(low.high, high.high, silent.high),
        "llr": _Ends(least, most, null, given),
        "llr_low": _Ends(floor, most, null, given),
        "llr_high": _Ends(least, ceiling, null, given),
        "human_tail": _Ends(*reach.human_tail, null, given),
    }


def surface(policy: Policy) -> dict[str, Any] | None:
    """What of a policy says who may leave, as JSON values; None: nobody may, whatever is known.

    Two policies with one surface, paths aside, decide the same store alike.
    """
    found = cuts(policy)
    if found is None:
        return None
    prior = prior_of(policy)
    sources = load_sources(Path(policy.sources)) if policy.sources else EMPTY
    return {
        "cutoff": policy.cutoff.isoformat(),
        "false_positive_rate": policy.false_positive_rate,
        "prior": {
            "before": prior.before,
            "starts": [day.isoformat() for day in prior.starts],
            "probabilities": list(prior.probabilities),
        },
        "sources": policy.sources,
        "sources_digest": digest_json(dict(sources.sites)),
        "cuts": [list(cut) for cut in found],
    }


def leaving(surface: Mapping[str, Any]) -> Leaving:
    """Who decides by this surface. Raises InputError when its table of sources has changed."""
    path, prior = surface["sources"], surface["prior"]
    sources = load_sources(Path(path)) if path else EMPTY
    if digest_json(dict(sources.sites)) != surface["sources_digest"]:
        what = "the table of sources is no longer the one that this run began with"
        raise InputError(Problem(str(path), what))
    starts = [date.fromisoformat(day) for day in prior["starts"]]
    return Leaving(
        Grade(
            cutoff=date.fromisoformat(surface["cutoff"]),
            false_positive_rate=surface["false_positive_rate"],
            prior=Prior(prior["before"], starts, prior["probabilities"]),
            sources=sources,
        ),
        tuple((str(column), float(number)) for column, number in surface["cuts"]),
    )


def same_surface(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether two surfaces let the same documents leave, wherever their tables of sources lie."""
    return other is not None and {**one, "sources": None} == {**other, "sources": None}
