"""`report.html` and `report.json` of a dataset, while its decisions are still in the session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detectors.calibration import Calibration
from provenance.emit.atomic import write_json, write_text
from provenance.engines.plan import Plan, calibration_of
from provenance.engines.publish import policy_record
from provenance.engines.store import Store
from provenance.policy.mix import MixReport
from provenance.policy.model import Policy
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
    versions: Mapping[str, str],
    judged: Mapping[str, Mapping[str, Any]],
    out: Path,
) -> None:
    """Write the report of table `decisions` of the session to `out`.

    summary: see `report.summary`. versions: what decided the scores, as the plan states it.
    judged: what people judged, by doc_id in hex.
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
            calibration=_calibration(store, versions),
            false_positive_rate=policy.false_positive_rate,
        ),
        "samples": samples(session, policy, parts=parts, judged=judged),
    }
    write_json(out / "report.json", report)
    write_text(out / "report.html", page(report))


def _calibration(store: Store, versions: Mapping[str, str]) -> Calibration | None:
    """The calibration that the scores were read with, where it is at hand: the user's own is."""
    plan = Plan.from_dict(json.loads(store.plan_path.read_text(encoding="utf-8")))
    known = calibration_of(plan.stages)
    return known if versions.get("calibration") == known.digest else None
