"""`report.html` and `report.json` of a dataset, while its decisions are still in the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detectors.calibration import Calibration, Fingerprint
from detectors.registry import detector_class
from detectors.shipped import calibration_for
from provenance.emit.atomic import write_json, write_text
from provenance.engines.publish import policy_record
from provenance.engines.store import Store
from provenance.policy.mix import MixReport
from provenance.policy.model import Policy
from provenance.report.detection import Asked
from provenance.report.page import page
from provenance.report.samples import samples
from provenance.report.statistics import statistics
from provenance.session import Session

VERSION = "report/1"
FILES = ("report.html", "report.json")


def write_report(
    session: Session,
    store: Store,
    policy: Policy,
    *,
    summary: Mapping[str, Any],
    mixed: MixReport,
    judged: Mapping[str, Mapping[str, Any]],
    out: Path,
) -> None:
    """Write the report of table `decisions` of the session to `out`.

    summary: see `report.summary`. judged: what people judged, by doc_id in hex.
    """
    parts = store.parts("documents")
    (tokens,) = session.row("SELECT coalesce(sum(n_tokens), 0)::BIGINT FROM decisions")
    report = {
        "version": VERSION,
        "name": policy.dataset.name,
        "policy": policy_record(policy),
        "tokens": tokens,
        "summary": summary,
        "mix": asdict(mixed),
        "statistics": statistics(
            session,
            parts=parts,
            duplicates=store.duplicates,
            detectors=_asked(store),
            false_positive_rate=policy.false_positive_rate,
        ),
        "samples": samples(session, policy, parts=parts, judged=judged),
    }
    write_json(out / "report.json", report)
    write_text(out / "report.html", page(report))


def _asked(store: Store) -> list[Asked]:
    """The detectors of the run, with the calibrations that their scores were read with."""
    own = {one.fingerprint.detector: one for one in map(Calibration.from_json, store.calibrations)}
    asked: list[Asked] = []
    passes: list[str] = []
    for one in store.detectors:
        fingerprint = Fingerprint(**one["fingerprint"]) if one["fingerprint"] else None
        held = own.get(one["name"]) or (calibration_for(fingerprint) if fingerprint else None)
        fits = held is not None and held.digest == one["calibration"]
        cost = detector_class(one["name"]).spec.cost_seconds
        shares = one["language_model"] is not None and one["language_model"] in passes
        passes.append(one["language_model"])
        asked.append(Asked(one["name"], cost, held if fits else None, shares))
    return asked
