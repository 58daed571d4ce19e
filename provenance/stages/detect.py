"""Detectors over the text: raw scores, their calibrated readings, and what these say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from detectors.calibration import Calibration, CalibrationError
from detectors.cascade import Judged, Settled, judge, may_spare
from detectors.lineup import Group, Lineup, default_groups, load, specs
from detectors.panel import Raw
from provenance import batch as contract
from provenance.errors import InputError, Problem
from provenance.stages.leaving import READS, leaving


class Detect:
    """Adds every detector's score and tokens, and what they mean together for a text like this.

    A score without a human reference to compare it with stays a score: it has no part in the
    joint log-likelihood ratio and p value, and `abstained_<detector>` says why. In languages that
    its calibration does not know a detector is not asked at all. groups: values of `lineup.Group`,
    by default `lineup.default_groups`. facts: what the scores depended on when the plan was made.
    calibrations: the user's own, as JSON values, in the place of shipped ones. cascade: a
    `leaving.surface`, by which a document is spared what cannot change its decision; without one,
    every detector is asked about every document. The detectors are loaded with the first batch;
    then raises InputError when `facts` are no longer true.
    """

    name = "detect"
    drops: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        groups: Sequence[Mapping[str, Any]] | None = None,
        facts: Mapping[str, Any] | None = None,
        calibrations: Sequence[Mapping[str, Any]] = (),
        cascade: Mapping[str, Any] | None = None,
    ) -> None:
        self._groups = groups_of(groups) if groups is not None else default_groups()
        self._facts, self._own = facts, [Calibration.from_json(one) for one in calibrations]
        self._leaving = leaving(cascade) if cascade is not None else None
        self.reads = ("text", "lang", *(READS if cascade is not None else ()))
        names = [spec.name for spec in specs(self._groups)]
        columns = [column.name for name in names for column in contract.detected(name)]
        self.adds = (*columns, *contract.added_by("fuse"))

    @cached_property
    def _lineup(self) -> Lineup:
        lineup = load(self._groups, own=self._own)
        if self._facts is not None and lineup.facts != self._facts:
            what = "a model or calibration is no longer the one that this run began with"
            raise InputError(Problem("detectors", what, accepted="the same one, or a new folder"))
        return lineup

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = batch.column("text").to_pylist()
        languages = [language or "und" for language in batch.column("lang").to_pylist()]
        judged = judge(
            self._lineup.panel,
            self._lineup.fusion,
            [text or "" for text in texts],
            languages,
            settled=self._settled(batch),
        )
        has_text = np.array([text is not None for text in texts], dtype=bool)
        return contract.append(batch, _columns(judged, self._lineup.panel.names, has_text))

    def _settled(self, batch: pa.RecordBatch) -> Settled | None:
        decider = self._leaving
        return None if decider is None else lambda reach: decider.settled(batch, reach)


def describe(
    groups: Sequence[Group],
    *,
    own: Sequence[Calibration] = (),
    cascade: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The parameters of the stage that asks `groups`, as JSON values; loads them to know the facts.

    own: the user's calibrations. cascade: left out where no detector is worth sparing. Raises
    InputError when a language model cannot be loaded, or a calibration fits no detector.
    """
    try:
        lineup = load(groups, own=own)
    except CalibrationError as error:
        raise InputError(Problem("calibration", str(error))) from error
    except ValueError as error:
        raise InputError(Problem("detectors", str(error))) from error
    described = {"groups": [asdict(group) for group in groups], "facts": dict(lineup.facts)}
    if own:
        described["calibrations"] = [one.to_json() for one in own]
    if cascade is not None and may_spare(lineup.panel):
        described["cascade"] = dict(cascade)
    return described


def groups_of(values: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """The groups that a plan describes."""
    return tuple(Group(**{**one, "detectors": tuple(one["detectors"])}) for one in values)


def _columns(judged: Judged, names: Sequence[str], has_text: np.ndarray) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    fused = judged.fused
    for name in names:
        why = np.array(judged.reasons[name], dtype=object)
        part = fused.parts[:, names.index(name)]
        columns |= _detected(name, judged.raws[name], part, np.where(has_text, why, "no_text"))
    columns |= {
        "llr": _nullable(fused.llr),
        "llr_low": _nullable(fused.llr_low),
        "llr_high": _nullable(fused.llr_high),
        "human_tail": _nullable(fused.human_tail),
    }
    # Of several abstentions the cheapest detector's stands for all: it was asked first.
    why = np.where(has_text, np.array(judged.reasons[names[0]], dtype=object), "no_text")
    why[np.isfinite(fused.llr)] = None
    columns["abstained"] = pa.array(why.tolist(), type=pa.string())
    return columns


def _detected(name: str, raw: Raw, part: np.ndarray, why: np.ndarray) -> dict[str, pa.Array]:
    return {
        f"score_{name}": _nullable(raw.scores),
        f"tokens_{name}": pa.array(raw.n_tokens, type=pa.int32(), mask=raw.n_tokens < 0),
        f"part_{name}": _nullable(part),
        f"abstained_{name}": pa.array(why.tolist(), type=pa.string()),
    }


def _nullable(values: np.ndarray) -> pa.Array:
    """float32 Arrow array of `values`, shape [n], NaN = null."""
    return pa.array(values.astype(np.float32), type=pa.float32(), from_pandas=True)
