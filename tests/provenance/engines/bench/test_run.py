"""A whole bench: what it writes, against plain counts over the scores that the texts say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import benched
import numpy as np
import pytest
from click.testing import CliRunner

import provenance
from detectors import measures
from detectors.calibrate import CellRule, Scored, cells
from detectors.calibration import Calibration, Fingerprint
from detectors.cell import Cell
from provenance.cli.main import cli
from provenance.errors import InputError, RequestError, RunError

HOSTILE = "<script>alert(1)</script>\u202e"


def row_of(facts: Mapping[str, Any], **place: str) -> Mapping[str, Any]:
    (found,) = [r for r in facts["rows"] if all(r[key] == value for key, value in place.items())]
    return found


def finite(values: Sequence[float | None]) -> np.ndarray:
    return np.array([value for value in values if value is not None])


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        *benched.rows(120, 60, dataset="essays", domain="essay", generator="g1"),
        *benched.rows(0, 40, seed=1, dataset="essays", domain="essay", generator="g2"),
        *benched.rows(30, 0, seed=2, dataset="essays", domain="l2_learner_essay"),
        *benched.rows(80, 90, seed=3, dataset=HOSTILE, domain="news", generator="g1"),
        *(benched.row("none", "ai", n=k, dataset="essays", generator="g2") for k in range(1, 6)),
    ]
    return benched.write(tmp_path_factory.mktemp("given") / "given.jsonl", rows)


@pytest.fixture(scope="module")
def facts(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    out = tmp_path_factory.mktemp("bench") / "out"
    return provenance.bench(
        given, detectors=benched.said, out=out, resamples=60, price_per_hour=3.0
    ).facts


def scores(given: Path, **wanted: str) -> tuple[np.ndarray, np.ndarray]:
    """Human and AI scores of the rows with these fields."""
    found: dict[str, list[float | None]] = {"human": [], "ai": []}
    for line in given.read_text().splitlines():
        row = json.loads(line)
        if all(row.get(key) == value for key, value in wanted.items()):
            found[row["label"]] += benched.said([row["text"]])
    return finite(found["human"]), finite(found["ai"])


def test_a_row_holds_what_the_scores_of_its_group_come_to(
    given: Path, facts: Mapping[str, Any]
) -> None:
    human, ai = scores(given, dataset="essays")

    row = row_of(facts, dataset="essays", kind="all")

    assert (row["n_human"], row["n_ai"]) == (150, 105)
    assert (row["scored_human"], row["scored_ai"]) == (150, 100)
    assert row["abstained"] == {"abstained": 5}
    assert row["auroc"]["value"] == measures.auroc(human, ai)
    assert row["auroc"]["low"] < row["auroc"]["value"] < row["auroc"]["high"]
    oracle = row["oracle"]["0.05"]
    assert oracle["threshold"] == measures.oracle_threshold(human, 0.05)
    assert oracle["tpr"] == (ai > oracle["threshold"]).mean()
    assert oracle["low"] <= oracle["tpr"] <= oracle["high"]
    assert oracle["is_supported"]
    assert row["calibrated"] == {"0.01": None, "0.05": None}
    assert row["llr"] is None


def test_a_generator_is_measured_beside_the_humans_of_its_dataset(
    given: Path, facts: Mapping[str, Any]
) -> None:
    human, _ = scores(given, dataset="essays")
    _, ai = scores(given, dataset="essays", generator="g2")

    row = row_of(facts, dataset="essays", kind="generator", value="g2")

    assert (row["n_ai"], row["scored_ai"], row["humans"]) == (45, 40, "dataset")
    assert row["auroc"]["value"] == measures.auroc(human, ai)


def test_a_group_of_one_class_has_no_auroc(facts: Mapping[str, Any]) -> None:
    row = row_of(facts, dataset="essays", kind="domain", value="l2_learner_essay")

    assert row["n_human"] == 30
    assert row["auroc"] is None
    assert row["oracle"] == {"0.01": None, "0.05": None}


def test_the_pooled_row_is_the_last_whole_one(facts: Mapping[str, Any]) -> None:
    whole = [row["dataset"] for row in facts["rows"] if row["kind"] == "all"]

    assert whole == [*sorted([HOSTILE, "essays"]), "pooled"]


def test_non_native_writers_are_held_against_the_threshold_of_native_ones(
    given: Path, facts: Mapping[str, Any]
) -> None:
    native, _ = scores(given, dataset="essays", domain="essay")
    foreign, _ = scores(given, domain="l2_learner_essay")

    (row,) = facts["non_native"]

    assert (row["dataset"], row["domain"], row["n_native"]) == ("essays", "l2_learner_essay", 120)
    above = foreign > measures.oracle_threshold(native, 0.05)
    assert row["native"]["0.05"] == above.mean()
    assert row["calibrated"]["0.05"] == {"n": 0}


def test_cost_follows_from_speed_and_price(facts: Mapping[str, Any]) -> None:
    (speed,) = facts["speed"]

    hours = speed["seconds"] / 3600
    assert speed["documents"] == 425
    assert speed["cost_per_million_documents"] == pytest.approx(3.0 * hours * 1e6 / 425)
    assert speed["tokens_per_second"] == pytest.approx(425 * 61 / speed["seconds"])


def test_the_same_bench_again_scores_nothing_and_writes_the_same_bytes(
    given: Path, tmp_path: Path
) -> None:
    detector = benched.Said()
    provenance.bench(given, detectors=detector, out=tmp_path / "out", resamples=20)
    before = {name: (tmp_path / "out" / name).read_bytes() for name in ("bench.json", "bench.html")}

    provenance.bench(given, detectors=detector, out=tmp_path / "out", resamples=20)

    assert detector.n_texts == 425
    assert before == {name: (tmp_path / "out" / name).read_bytes() for name in before}


def test_another_seed_changes_intervals_alone(given: Path, tmp_path: Path) -> None:
    results = [
        provenance.bench(
            given, detectors="benched:said", out=tmp_path / str(seed), resamples=20, seed=seed
        ).facts
        for seed in (0, 1)
    ]

    one, two = (row_of(facts, dataset="essays", kind="all") for facts in results)
    assert one["auroc"]["value"] == two["auroc"]["value"]
    assert one["auroc"]["low"] != two["auroc"]["low"]


def test_the_page_loads_nothing_and_obeys_no_text(given: Path, tmp_path: Path) -> None:
    provenance.bench(given, detectors="benched:said", out=tmp_path / "out", resamples=10)

    page = (tmp_path / "out" / "bench.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<polyline") == 3


def calibrated(name: str, cells_: tuple[Cell, ...], folder: Path) -> tuple[benched.Said, Path]:
    """A detector called `name` that reads what texts say, and the file with its calibration."""

    class Calibrated(benched.Said):
        spec = replace(benched.Said.spec, name=name)
        fingerprint = Fingerprint(name, "1", "1", "float64", "none")

    path = folder / f"{name}.json"
    Calibration(Calibrated.fingerprint, "d" * 8, cells_).save(path)
    return Calibrated(), path


def reference(n: int = 400) -> tuple[Cell, ...]:
    """One cell of such scores as `benched.rows` has."""
    rng = np.random.default_rng(0)
    scored = [
        Scored(float(value), 61, "en", f"s{k % 4}", is_ai)
        for is_ai in (False, True)
        for k, value in enumerate(rng.normal(2 * is_ai, 1, n))
    ]
    return cells(scored, rule=CellRule(min_human=100, min_sources=2, min_per_source=99))


def test_calibrated_detectors_are_fused_as_clean_would(tmp_path: Path) -> None:
    one, of_one = calibrated("said_one", reference(), tmp_path)
    two, of_two = calibrated("said_two", reference(800), tmp_path)
    given = benched.write(tmp_path / "given.jsonl", benched.rows(120, 90, dataset="d"))

    facts = provenance.bench(
        given, detectors=[one, two, benched.said], calibration=[of_one, of_two], resamples=5,
        out=tmp_path / "out", fpr=[0.001, 0.05],
    ).facts  # fmt: skip

    human, ai = scores(given, dataset="d")
    members = [reference()[0], reference(800)[0]]
    llrs = [
        np.mean([cell.llr(values)[0].astype(np.float32) for cell in members], axis=0)
        for values in (human, ai)
    ]
    row = row_of(facts, kind="all", detector="fused")
    assert facts["fusion"] == {"detectors": ["said_one", "said_two"], "data_digest": None}
    assert row["llr"]["cllr"] == pytest.approx(measures.cllr(*llrs), rel=1e-5)
    assert row["auroc"]["value"] == pytest.approx(measures.auroc(*llrs), abs=1e-3)
    assert row["scored_human"] == 120
    assert row["calibrated"]["0.05"]["n_human"] == 120
    assert row["calibrated"]["0.001"] is None  # too few human texts to flag any


def test_calibrated_rates_count_the_texts_above_their_cells_threshold(tmp_path: Path) -> None:
    made = reference()
    detector, calibration = calibrated("said", made, tmp_path)
    rows = benched.rows(200, 150, dataset="s1")
    rows += [{"text": f"{k} too few words", "label": "human", "language": "en", "dataset": "s1"}
             for k in range(7)]  # fmt: skip
    given = benched.write(tmp_path / "given.jsonl", rows)

    facts = provenance.bench(
        given, detectors=detector, out=tmp_path / "out", resamples=10,
        calibration=calibration, fpr=(0.2, 0.0001),
    ).facts  # fmt: skip

    human, ai = scores(given, language="en")
    (cell,) = made
    row = row_of(facts, kind="all")
    found = row["calibrated"]["0.2"]
    assert (found["n_human"], found["n_ai"]) == (200, 150)
    assert found["fpr"] == (human[:200] > cell.threshold(0.2)).mean()
    assert found["tpr"] == (ai > cell.threshold(0.2)).mean()
    assert found["fpr_low"] < found["fpr"] < found["fpr_high"]
    assert row["calibrated"]["0.0001"] is None
    ratios = [cell.llr(values)[0] for values in (human[:200], ai)]
    assert row["llr"]["cllr"] == measures.cllr(*ratios)
    assert row["llr"]["calibration_error"] == measures.calibration_error(*ratios)
    assert facts["detectors"][0]["fitted_on"] == ["s1"]


def test_raid_predictions_hold_every_id_and_abstentions_come_last(tmp_path: Path) -> None:
    lines = ["id,generation"] + [f"r{k},{1.5 - k} words" for k in range(3)] + ["r3,none of it"]
    (tmp_path / "test.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    result = provenance.bench(tmp_path / "test.csv", detectors="benched:said", out=tmp_path / "out")

    written = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert written == [
        {"id": "r0", "score": 1.5}, {"id": "r1", "score": 0.5}, {"id": "r2", "score": -0.5},
        {"id": "r3", "score": -1.5},
    ]  # fmt: skip
    assert result.facts["rows"] == []
    assert result.facts["files"][0]["unlabelled"] == 4


def test_predictions_of_several_detectors_are_a_file_each(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("id,generation\nr0,1.5 words\n", encoding="utf-8")

    provenance.bench(
        tmp_path / "test.csv", detectors=["benched:said", "linear"], out=tmp_path / "out"
    )

    assert sorted(path.name for path in (tmp_path / "out" / "predictions").iterdir()) == [
        "benched_said.json", "linear.json",
    ]  # fmt: skip


def test_a_detector_that_is_given_up_fails_the_run_after_everything_is_written(
    tmp_path: Path,
) -> None:
    def broken(texts: Sequence[str]) -> list[float]:
        raise ValueError("never")

    given = benched.write(tmp_path / "a.jsonl", benched.rows(90, 60))

    with pytest.raises(RunError, match="was given up: it raised on text '0' and 149 more"):
        provenance.bench(given, detectors=[benched.said, broken], out=tmp_path / "out", resamples=5)

    facts = json.loads((tmp_path / "out" / "bench.json").read_text())
    good, bad = (row for row in facts["rows"] if row["kind"] == "all")
    assert good["auroc"]["value"] > 0.8
    assert bad["abstained"] == {"raised": 150}


def test_everything_asked_wrongly_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        provenance.bench("no.csv", detectors="linaer", out=tmp_path / "out")
    assert [problem.where for problem in caught.value.problems] == ["no.csv", "detectors"]

    with pytest.raises(InputError) as caught:
        provenance.bench(
            "no.csv", detectors="linear", out=tmp_path / "out", fpr=(0, 2), resamples=0,
            price_per_hour=-1,
        )  # fmt: skip
    assert [problem.where for problem in caught.value.problems] == [
        "fpr", "fpr", "resamples", "price-per-hour",
    ]  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_origin_is_refused(given: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(RequestError, match="holds files of another origin"):
        provenance.bench(given, detectors="linear", out=tmp_path)


def test_the_command_prints_the_table_and_writes_the_same_facts(
    given: Path, facts: Mapping[str, Any], tmp_path: Path
) -> None:
    command = ["bench", str(given), "--detectors", "benched:said", "--out", str(tmp_path / "o"),
               "--resamples", "60", "--price-per-hour", "3"]  # fmt: skip

    shown = CliRunner().invoke(cli, command)
    as_json = CliRunner().invoke(cli, [*command, "--json"])

    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert lines[0].split()[:6] == ["dataset", "detector", "human", "ai", "scored", "AUROC"]
    assert [line.split()[0] for line in lines[2:4]] == ["essays", "pooled"]
    assert "\u202e" not in shown.stdout
    assert json.loads(as_json.stdout)["rows"] == facts["rows"]


def test_rates_that_are_no_numbers_are_refused(given: Path, tmp_path: Path) -> None:
    command = ["bench", str(given), "--detectors", "linear", "--out", str(tmp_path), "--fpr", "1%"]

    shown = CliRunner().invoke(cli, command)

    assert shown.exit_code == 2
    assert "'1%' is no list of rates" in shown.output
