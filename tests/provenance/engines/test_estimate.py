"""`estimate`: shares of synthetic text over stored scores, by group."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors.calibration import Calibration
from detectors.mixture import mixture_share
from provenance import api
from provenance.engines.store import Store
from provenance.errors import InputError

N = 40


def line(seed: int) -> str:
    rng = np.random.default_rng(seed)
    names = ("river", "stone", "market", "garden", "window", "letter", "summer", "engine")
    return " ".join(
        f"The {names[i]} of the {names[j]} was near a {names[k]}."
        for i, j, k in rng.integers(0, len(names), (8, 3))
    )


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two hosts and two months, and a German page."""
    root = tmp_path_factory.mktemp("estimate")
    rows = [
        {"text": line(i), "url": f"https://{'ab'[i % 2]}.example/{i}",
         "timestamp": f"2024-0{1 + i % 2}-03T00:00:00Z"}
        for i in range(2 * N)
    ]  # fmt: skip
    german = "Der Hund lief durch den Garten und bellte die Katze an. " * 9
    rows.append({"text": german, "url": "https://c.example/", "timestamp": "2024-03-03T00:00:00Z"})
    pq.write_table(pa.Table.from_pylist(rows), root / "crawl.parquet")
    api.clean(root / "crawl.parquet", out=root / "out", workers=1)
    return root / "out"


@pytest.fixture(scope="module")
def estimates(out: Path) -> api.Estimates:
    return api.estimate(out, by=["host", "language", "month", "stratum"])


def test_every_document_is_in_one_group_of_each_kind(estimates: api.Estimates) -> None:
    for kind in ("all", "host", "language", "month", "stratum"):
        rows = [row for row in estimates.rows if row["by"] == kind]
        assert sum(row["documents"] for row in rows) == 2 * N + 1
        assert sum(row["judged"] for row in rows) == 2 * N
        assert sum(row["tokens"] for row in rows) == estimates.rows[0]["tokens"]


def test_groups_are_named_and_those_without_readings_have_no_share(
    estimates: api.Estimates,
) -> None:
    found = {(row["by"], row["group"]): row["method"] for row in estimates.rows}

    assert found["host", "a.example"] == found["month", "2024-01"] == "mixture"
    assert found["language", "de"] == found["month", "2024-03"] == "none"


def test_the_share_is_that_of_the_groups_scores(out: Path, estimates: api.Estimates) -> None:
    calibration = Calibration.load()
    (part,) = Store(out / "scored").parts("documents")
    rows = pq.read_table(part, columns=["host", "score_linear", "tokens_linear"]).to_pylist()
    read = [row for row in rows if row["host"] == "a.example"]
    (cell,) = {id(c): c for r in read if (c := calibration.cell("en", r["tokens_linear"]))}.values()
    bins = np.searchsorted(cell.shape_edges(), [row["score_linear"] for row in read])

    counts = np.bincount(bins, minlength=22)[None].astype(float)
    expected = mixture_share(counts, [cell], n_sources=1)

    (row,) = [row for row in estimates.rows if row["group"] == "a.example"]
    assert (row["share"], row["low"], row["high"]) == (
        round(expected.share or 0, 6), round(expected.low, 6), round(expected.high or 0, 6),
    )  # fmt: skip
    assert row["reference"] == calibration.digest


def test_files_are_scored_first(out: Path, estimates: api.Estimates) -> None:
    again = api.estimate(out.parent / "crawl.parquet", by=["host"], workers=1)

    assert list(again.rows) == [row for row in estimates.rows if row["by"] in ("all", "host")]


def test_human_texts_alone_give_a_bound_from_below(out: Path, tmp_path: Path) -> None:
    shipped = Calibration.load()
    alone = [
        replace(cell, unit="texts", n_ai=0, human_shapes={}, ai_shapes={}) for cell in shipped.cells
    ]
    replace(shipped, cells=tuple(alone)).save(tmp_path / "c.json")

    result = api.estimate(out, by=[], calibration=str(tmp_path / "c.json"))

    (row,) = result.rows
    assert (row["method"], row["share"], row["high"], row["fits"]) == (
        "lower_bound", None, None, None,
    )  # fmt: skip
    assert 0 <= row["low"] < 1
    assert "or more" in result.text()


def test_json_and_csv_hold_the_rows(estimates: api.Estimates) -> None:
    rows = list(csv.DictReader(io.StringIO(estimates.csv())))

    assert json.loads(estimates.json()) == json.loads(json.dumps(list(estimates.rows)))
    assert [row["group"] for row in rows] == [row["group"] for row in estimates.rows]
    assert rows[0]["judged"] == str(2 * N)


def test_the_table_names_groups_with_an_estimate_and_counts_the_rest(
    estimates: api.Estimates,
) -> None:
    shown = " ".join(estimates.text().split())

    assert "host documents judged synthetic 95 % of tokens" in shown
    assert "a.example 40 40" in shown
    assert "no estimate for 1 group of 1 document" in shown


@pytest.mark.parametrize(
    ("by", "message"),
    [(["hosts"], "did you mean 'host'?"), (["x", "y"], "no group 'y'")],
)
def test_an_unknown_kind_is_named(out: Path, by: list[str], message: str) -> None:
    with pytest.raises(InputError) as raised:
        api.estimate(out, by=by)

    assert message in str(raised.value)


def test_a_scored_store_has_no_strata(out: Path) -> None:
    with pytest.raises(InputError, match="a scored store has no strata"):
        api.estimate(out / "scored", by=["stratum"])


def test_a_reference_that_does_not_fit_is_refused(out: Path, tmp_path: Path) -> None:
    shipped = Calibration.load()
    other = replace(shipped, fingerprint=replace(shipped.fingerprint, weights="other"))
    other.save(tmp_path / "c.json")

    with pytest.raises(InputError, match="weights: calibrated on 'other'"):
        api.estimate(out, calibration=str(tmp_path / "c.json"))
