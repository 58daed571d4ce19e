"""A user's own human texts -> thresholds at a stated false-positive rate, for their detectors."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detectors.calibrate import Scored, TextGroup, human_cells
from detectors.calibration import Calibration, Fingerprint, artefact
from detectors.lineup import Group, Lineup, group_of, load
from detectors.panel import Raw
from detectors.registry import RegistryError
from provenance.emit.atomic import write_text
from provenance.emit.canonical import canonical_json
from provenance.engines.human_texts import HumanText, HumanTexts
from provenance.errors import InputError, OutputError, Problem
from provenance.report.calibration import render_calibrations


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What `calibrate` wrote to `out`.

    groups: by detector, every group of texts that was looked at, whether it became a cell or not.
    counts: texts, duplicates, rejects, and how many each detector abstained on.
    """

    out: Path
    fpr: float
    calibrations: tuple[Calibration, ...]
    groups: Mapping[str, tuple[TextGroup, ...]]
    counts: Mapping[str, Any]

    def text(self) -> str:
        """Thresholds with their sample sizes and intervals, for a terminal."""
        return render_calibrations(self.table(), self.counts, fpr=self.fpr, out=self.out)

    def json(self) -> str:
        """The same as canonical JSON."""
        return canonical_json({"fpr": self.fpr, "counts": self.counts, "cells": self.table()})

    def table(self) -> list[dict[str, Any]]:
        """One row per group. threshold, fpr_low, fpr_high: null where the group is too small.

        read_by: the cell that then reads its texts; null = they abstain. needed: human texts for
        a threshold of its own.
        """
        return [
            _row(calibration, group, self.fpr)
            for calibration in self.calibrations
            for group in self.groups[calibration.fingerprint.detector]
        ]


def calibrate(
    inputs: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    detectors: str | Sequence[str] = ("linear",),
    fpr: float = 0.01,
    device: str = "cpu",
    text_column: str | None = None,
    language_column: str | None = None,
    domain_column: str | None = None,
) -> Calibrated:
    """A calibration file at `out`: thresholds that a share `fpr` of such human texts exceed.

    inputs: one's own texts by people: Parquet, JSON Lines, WARC, or folders of .txt files.
    detectors: NAME, or NAME@MODEL of those that read one, as for `bench`; device: where that runs.
    Texts without a language column are identified; a domain is calibrated apart where there is a
    column for it. Exact duplicates count once. Raises InputError, OutputError.
    """
    given = [str(inputs)] if isinstance(inputs, str | Path) else [str(one) for one in inputs]
    asked = [detectors] if isinstance(detectors, str) else list(dict.fromkeys(detectors))
    problems = _problems(fpr, Path(out))
    groups_asked = _groups(asked, device, problems)
    if problems:
        raise InputError(problems)
    texts = HumanTexts(
        given,
        text_column=text_column,
        language_column=language_column,
        domain_column=domain_column,
    )
    lineup = _load(groups_asked)
    names = lineup.panel.names
    scored, digest, counts = _scored(texts, lineup)
    made = {name: human_cells(scored[name], fpr=fpr) for name in names}
    prints = {one["name"]: Fingerprint(**one["fingerprint"]) for one in lineup.facts["detectors"]}
    calibrations = tuple(
        Calibration(prints[name], digest, cells) for name, (cells, _) in made.items() if cells
    )
    groups = {name: found for name, (_, found) in made.items()}
    if not calibrations:
        raise InputError(_too_few(given, groups, counts, fpr))
    write_text(Path(out), artefact(calibrations))
    return Calibrated(Path(out), fpr, calibrations, groups, counts)


def _groups(asked: Sequence[str], device: str, problems: list[Problem]) -> list[Group]:
    """The detectors, those of one model together."""
    found: dict[str, Group] = {}
    for one in asked:
        try:
            group = group_of(one, device=device)
        except (RegistryError, ValueError) as error:
            problems.append(Problem("detector", str(error)))
            continue
        key = group.source or one
        earlier = found[key].detectors if key in found else ()
        found[key] = replace(group, detectors=(*earlier, *group.detectors))
    return list(found.values())


def _load(groups: Sequence[Group]) -> Lineup:
    """Raises InputError if a model cannot be had, or a detector is asked twice."""
    try:
        return load(groups)
    except ValueError as error:
        raise InputError(Problem("detector", str(error))) from error


def _problems(fpr: float, out: Path) -> list[Problem]:
    problems = []
    if not 1e-5 <= fpr <= 0.5:
        problems.append(Problem("fpr", f"is {fpr!r}", accepted="a rate from 0.00001 to 0.5"))
    if out.is_dir() or not out.parent.is_dir():
        what = "is a folder" if out.is_dir() else "lies in a folder that does not exist"
        raise OutputError(Problem(str(out), what, accepted="a file name"))
    return problems


def _scored(
    texts: HumanTexts, lineup: Lineup
) -> tuple[dict[str, list[Scored]], str, dict[str, Any]]:
    """Scores by detector, the digest of the texts in whatever order, and what was counted."""
    seen: dict[bytes, None] = {}
    scored: dict[str, list[Scored]] = {name: [] for name in lineup.panel.names}
    abstained: dict[str, Counter[str]] = {name: Counter() for name in lineup.panel.names}
    n_texts = 0
    for batch in texts:
        n_texts += len(batch)
        fresh = [one for one in batch if _is_new(one, seen)]
        for step in lineup.panel.steps:
            for name, raw in step.score([one.text for one in fresh]).items():
                scored[name] += _of_batch(fresh, raw)
                abstained[name].update(reason for reason in raw.reasons if reason)
    counts = {
        "texts": n_texts,
        "duplicates": n_texts - len(seen),
        "rejects": dict(sorted(texts.rejects.items())),
        "abstained": {name: dict(sorted(found.items())) for name, found in abstained.items()},
    }
    return scored, hashlib.sha256(b"".join(sorted(seen))).hexdigest(), counts


def _of_batch(texts: Sequence[HumanText], raw: Raw) -> list[Scored]:
    """The scores of a batch, without those of texts on which the detector abstained."""
    rows = zip(texts, raw.scores.tolist(), raw.n_tokens.tolist(), raw.reasons, strict=True)
    return [
        Scored(value, n_tokens, one.language, one.source, False, one.domain)
        for one, value, n_tokens, reason in rows
        if reason is None
    ]


def _is_new(one: HumanText, seen: dict[bytes, None]) -> bool:
    content = f"{one.language}\0{one.domain}\0{one.text}"
    key = hashlib.sha256(content.encode("utf-8", "replace")).digest()
    if key in seen:
        return False
    seen[key] = None
    return True


def _row(calibration: Calibration, group: TextGroup, fpr: float) -> dict[str, Any]:
    key = (group.language, group.domain, group.min_tokens, group.max_tokens)
    own = next((one for one in calibration.cells if one.key == key), None)
    read_by = own or calibration.cell(group.language, group.min_tokens, domain=group.domain)
    low, high = own.fpr_interval(fpr) if own else (None, None)
    return {
        "detector": calibration.fingerprint.detector,
        "language": group.language,
        "domain": group.domain,
        "min_tokens": group.min_tokens,
        "max_tokens": group.max_tokens,
        "human_texts": group.n_human,
        "needed": group.needed,
        "threshold": own.threshold(fpr) if own else None,
        "fpr_low": low,
        "fpr_high": high,
        "read_by": read_by.name if read_by else None,
    }


def _too_few(
    inputs: Sequence[str], groups: Mapping[str, Sequence[TextGroup]], counts: Any, fpr: float
) -> list[Problem]:
    where = ", ".join(inputs)
    most = max((one for some in groups.values() for one in some), key=lambda one: one.n_human,
               default=None)  # fmt: skip
    if most is None:
        what = f"{counts['texts']} texts were read, none that a detector can score"
        return [Problem(where, what, accepted="texts of 50 words and more")]
    what = (
        f"a false-positive rate of {fpr} needs {most.needed} human texts of one language; "
        f"the most are {most.n_human} ({most.language})"
    )
    return [Problem(where, what, accepted="more texts, or a higher rate")]
