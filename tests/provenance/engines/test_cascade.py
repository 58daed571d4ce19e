"""A whole run with a cascade: the same decisions, fewer questions, and a report of both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from crawls import Page, prose, write_warc
from panels import RULE
from tiny_models import save

import provenance
from detectors.calibrate import Scored, cells
from detectors.calibration import Calibration, artefact, fingerprint_of
from detectors.lineup import Group, load
from detectors.perplexity.perplexity import Perplexity
from detectors.steady import SteadyModel
from provenance.errors import PolicyError

#: Early pages are decided by their date; of late ones only the detectors know.
PAGES = [
    *(Page(f"https://old.example/{i}", prose(i), "2018-01-01T00:00:00Z") for i in range(8)),
    *(Page(f"https://new.example/{i}", prose(100 + i)) for i in range(8)),
    Page("https://new.example/short", "Too short."),
]
DECIDED = ("url", "decision", "reason", "reasons", "tier", "tier_reason", "epochs")


def cells_around(scores: Sequence[float]) -> Any:
    """Cells in which human texts score like these, and machine texts a little higher."""
    rng, spread = np.random.default_rng(0), float(np.std(scores)) + 0.1
    items = [
        Scored(float(value), n_tokens, "en", f"s{i % 6}", is_ai)
        for n_tokens in (80, 150, 300, 500, 2000)
        for is_ai in (False, True)
        for i, value in enumerate(rng.normal(np.mean(scores) + is_ai * spread, spread, 600))
    ]
    return cells(items, rule=RULE)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("lm") / "tiny")


@pytest.fixture(scope="module")
def calibrations(model: Path) -> Path:
    """One for the tiny model's perplexity, as a user would have."""
    detector = Perplexity(SteadyModel.load(str(model)))
    scores = [score.value or 0.0 for score in detector.score([prose(i) for i in range(5)])]
    made = Calibration(fingerprint_of(detector), "made up", cells_around(scores))
    path = model.parent / "calibration.json"
    path.write_text(artefact([made]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def policy(model: Path) -> Path:
    path = model.parent / "policy.yaml"
    path.write_text(
        "version: 1\n"
        f"detectors: [linear, {{language_model: {model}, detectors: [perplexity]}}]\n"
        'drop:\n  - {when: "n_chars < 200", reason: too_short}\n'
        '  - {when: "tier = 3 and p_low > 0.5", reason: likely_synthetic}\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawl")
    write_warc(folder / "a.warc.gz", PAGES[:10])
    write_warc(folder / "b.warc.gz", PAGES[10:])
    return folder


@pytest.fixture(scope="module")
def cleaned(crawl: Path, policy: Path, calibrations: Path) -> Path:
    out = crawl.parent / "cleaned"
    provenance.clean(crawl, out=out, policy=policy, calibration=str(calibrations), workers=1)
    return out


@pytest.fixture(scope="module")
def scored(crawl: Path, policy: Path, calibrations: Path) -> Path:
    out = crawl.parent / "whole"
    provenance.score(crawl, out=out, policy=policy, calibration=str(calibrations), workers=1)
    return out


def documents(store: Path) -> list[dict[str, Any]]:
    table = ds.dataset(store / "documents").to_table(
        columns=["url", "score_linear", "score_perplexity", "abstained_perplexity", "llr"]
    )
    return sorted(table.to_pylist(), key=lambda row: str(row["url"]))


def decisions(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(out / "decisions.parquet").to_pylist()
    return [{name: row[name] for name in DECIDED} for row in rows]


def test_what_a_date_settles_is_spared_the_language_model(cleaned: Path) -> None:
    rows = {row["url"]: row for row in documents(cleaned / "scored")}

    old, new = rows["https://old.example/0"], rows["https://new.example/0"]
    assert (old["score_perplexity"], old["abstained_perplexity"]) == (None, "not_needed")
    assert old["score_linear"] is not None
    assert old["llr"] is not None
    assert new["score_perplexity"] is not None


def test_every_document_is_asked_about_when_no_policy_decides_yet(scored: Path) -> None:
    assert "not_needed" not in {row["abstained_perplexity"] for row in documents(scored)}


def test_decisions_are_those_of_a_run_without_a_cascade(
    cleaned: Path, scored: Path, policy: Path, tmp_path: Path
) -> None:
    provenance.mix(scored, policy=policy, out=tmp_path / "mixed")

    assert decisions(cleaned) == decisions(tmp_path / "mixed")


def test_workers_and_batches_change_no_byte(
    cleaned: Path, crawl: Path, policy: Path, calibrations: Path, tmp_path: Path
) -> None:
    provenance.clean(
        crawl, out=tmp_path / "out", policy=policy, calibration=str(calibrations),
        workers=2, batch_size=3,
    )  # fmt: skip

    for name in ("decisions.parquet", "report.json", "data/part-00000.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (cleaned / name).read_bytes()


def test_the_report_says_who_was_spared_and_what_that_saved(cleaned: Path) -> None:
    report = json.loads((cleaned / "report.json").read_text())

    linear, perplexity = report["statistics"]["detection"]["detectors"]
    assert (linear["asked"], linear["spared"]) == (16, 0)  # of 17; one in no language it knows
    assert perplexity["asked"] + perplexity["spared"] == 16
    assert 8 <= perplexity["spared"] < 16
    assert perplexity["seconds_saved"] == perplexity["spared"] * Perplexity.spec.cost_seconds
    assert "share spared" in (cleaned / "report.html").read_text()


def test_explain_names_what_each_detector_said(cleaned: Path) -> None:
    (old,) = provenance.explain(cleaned, "https://old.example/0")
    (new,) = provenance.explain(cleaned, "https://new.example/0")

    assert (
        "detector perplexity was not asked: no further detector could change what becomes of the"
        " document"
    ) in old.lines
    assert any(line.startswith("detector perplexity: score ") for line in new.lines)
    assert any("detector linear: its calibrated score" in line for line in new.lines)
    assert any("detector perplexity: its calibrated score" in line for line in new.lines)


def test_another_policy_is_refused_where_documents_were_spared(
    cleaned: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.yaml").write_text('version: 1\ndrop: [{when: "p_high > 0.3", reason: r}]\n')

    with pytest.raises(PolicyError, match="documents were spared detectors that this policy"):
        provenance.mix(cleaned / "scored", policy=tmp_path / "other.yaml", out=tmp_path / "out")

    assert not (tmp_path / "out" / "request.json").exists()


def test_a_policy_that_turns_on_the_same_numbers_is_not(
    cleaned: Path, policy: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.yaml").write_text(
        'version: 1\ndrop: [{when: "n_chars < 9 or p_low > 0.5", reason: r}]\n'
    )

    provenance.mix(cleaned / "scored", policy=tmp_path / "other.yaml", out=tmp_path / "out")


def test_a_policy_of_other_detectors_or_their_columns_is_refused(
    scored: Path, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text(
        'version: 1\ndetectors: [linear]\ndrop: [{when: "score_lrr > 1", reason: r}]\n'
    )

    with pytest.raises(PolicyError) as raised:
        provenance.mix(scored, policy=tmp_path / "p.yaml", out=tmp_path / "out")

    assert str(raised.value) == (
        "policy: detectors: names linear; scored with linear, perplexity (accepted: no such key,"
        " the same detectors, or texts scored again)\n"
        "policy: column 'score_lrr' is of no detector that scored (accepted: score_linear,"
        " score_perplexity)"
    )


def test_the_manifest_has_the_model_but_no_place(cleaned: Path, model: Path) -> None:
    text = (cleaned / "manifest.json").read_text()

    (facts,) = [stage["parameters"]["facts"] for stage in json.loads(text)["plan"]["stages"]
                if stage["name"] == "detect"]  # fmt: skip
    expected = load([Group(("perplexity",), str(model))]).facts["language_models"][str(model)]
    assert facts["language_models"] == {"tiny": expected}
    assert str(model.parent) not in text
