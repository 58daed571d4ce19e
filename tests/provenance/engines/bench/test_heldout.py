"""What is judged is never fitted on: not its texts, not its group, not what was made of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import benched
import numpy as np
import pytest

import provenance
from detectors.calibrate import CellRule, Scored
from detectors.calibrate import cells as real_cells
from detectors.calibration import Cell
from provenance.engines.bench import heldout
from provenance.engines.bench.corpus import Corpus, open_sources, read_corpus
from provenance.engines.bench.heldout import KINDS, By
from provenance.engines.bench.layouts import Labels, NamedColumns
from provenance.errors import InputError


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two datasets; generators and domains in both; copies of texts in a third domain."""
    rows = []
    for k, (dataset, domain) in enumerate([("d", "news"), ("d", "essay"), ("e", "essay")]):
        place = {"dataset": dataset, "domain": domain}
        rows += benched.rows(260, 0, seed=10 + k, **place)
        rows += benched.rows(0, 170, seed=20 + k, generator="g1", **place)
        rows += benched.rows(0, 170, seed=30 + k, generator=("g2", "g3", "g2")[k], **place)
    for k in range(0, 520, 40):
        copied = rows[k] | {
            "text": rows[k]["text"].upper() + "\n",
            "dataset": "e",
            "domain": "copy",
        }
        rows.append(copied)
    return benched.write(tmp_path_factory.mktemp("given") / "given.jsonl", rows)


@pytest.fixture(scope="module")
def corpus(given: Path) -> Corpus:
    return read_corpus(open_sources([given], columns=NamedColumns(), labels=Labels()))


@pytest.mark.parametrize("by", KINDS)
def test_nothing_that_is_judged_or_made_of_it_is_fitted_on(corpus: Corpus, by: By) -> None:
    names = getattr(corpus, by)
    for value in names.within(corpus.label >= 0):
        inside = names.where(value)
        for part in heldout.parts(corpus, by, value):
            assert len(part.fitted) > 0
            assert not inside[part.fitted].any()
            assert not set(corpus.unit[part.judged]) & set(corpus.unit[part.fitted])
            assert not set(corpus.text[part.judged]) & set(corpus.text[part.fitted])


@pytest.mark.parametrize("by", KINDS)
def test_every_text_of_a_group_is_judged_once(corpus: Corpus, by: By) -> None:
    names = getattr(corpus, by)
    for value in names.within(corpus.label == 1):
        judged = [k for part in heldout.parts(corpus, by, value) for k in part.judged.tolist()]

        expected = names.where(value) | ((corpus.label == 0) if by == "generator" else False)
        assert sorted(judged) == np.flatnonzero(expected).tolist()


def test_no_calibration_is_shown_a_score_that_it_judges(
    given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every score is unique, so what `cells` is given says which texts they are of."""
    shown: list[set[float]] = []

    def spy(scored: Iterable[Scored], *, rule: CellRule) -> tuple[Cell, ...]:
        items = list(scored)
        shown.append({item.value for item in items})
        return real_cells(items, rule=rule)

    monkeypatch.setattr(heldout, "cells", spy)

    facts = provenance.bench(
        given, detectors="benched:said", out=tmp_path / "out", resamples=10, leave_one_out="domain"
    ).facts

    corpus = read_corpus(open_sources([given], columns=NamedColumns(), labels=Labels()))
    values = np.array([float(text.split()[0]) for _, texts in corpus.batches() for text in texts])
    order = np.concatenate([numbers for numbers, _ in corpus.batches()])
    of_row = values[np.argsort(order)][corpus.text]
    domains = corpus.domain.within(corpus.label >= 0)
    assert len(shown) == len(domains) == 3
    for domain, seen in zip(domains, shown, strict=True):
        assert seen
        assert not seen & set(of_row[corpus.domain.where(domain)].tolist())
    assert {row["value"] for row in facts["held_out"]["rows"]} == set(domains)


def test_a_generator_left_out_is_found_at_thresholds_of_the_others(
    given: Path, tmp_path: Path
) -> None:
    facts = provenance.bench(
        given, detectors="benched:said", out=tmp_path / "out", resamples=10,
        leave_one_out="generator",
    ).facts  # fmt: skip

    rows = {(row["dataset"], row["value"]): row for row in facts["held_out"]["rows"]}
    assert set(rows) == {("d", "g1"), ("d", "g2"), ("d", "g3"), ("e", "g1"), ("e", "g2"),
                         ("pooled", "g1"), ("pooled", "g2"), ("pooled", "g3")}  # fmt: skip
    found = rows["pooled", "g1"]["calibrated"]["0.05"]
    assert found["n_ai"] == 510 + 4  # copies
    assert found["n_human"] == 780 + 7
    assert 0.02 < found["fpr"] < 0.09
    assert 0.5 < found["tpr"] < 0.8  # of a normal shifted by 2, above 1.64
    assert rows["pooled", "g1"]["llr"]["calibration_error"] < 0.08
    assert "weights of the detectors were not" in facts["held_out"]["refitted"]


def test_several_detectors_are_fused_too(given: Path, tmp_path: Path) -> None:
    facts = provenance.bench(
        given, detectors=["benched:said", "benched:noisy"], out=tmp_path / "out", resamples=10,
        leave_one_out="dataset",
    ).facts  # fmt: skip

    rows = {(row["dataset"], row["detector"]): row for row in facts["held_out"]["rows"]}
    assert {detector for _, detector in rows} == {"benched:said", "benched:noisy", "fused"}
    alone, fused = rows["d", "benched:said"], rows["d", "fused"]
    assert fused["scored_human"] == alone["scored_human"] == 520
    assert fused["auroc"]["value"] > alone["auroc"]["value"] - 0.01
    assert fused["calibrated"]["0.05"]["n_human"] == 520
    assert fused["calibrated"]["0.05"]["fpr"] < 0.12
    assert "and their fusion" in facts["held_out"]["refitted"]


def test_a_fusion_is_fitted_on_ratios_across_halves_of_the_fitted_texts(
    given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[set[float]] = []

    def spy(scored: Iterable[Scored], *, rule: CellRule) -> tuple[Cell, ...]:
        items = list(scored)
        shown.append({item.value for item in items})
        return real_cells(items, rule=rule)

    monkeypatch.setattr(heldout, "cells", spy)

    provenance.bench(
        given, detectors=["benched:said", "benched:noisy"], out=tmp_path / "out", resamples=5,
        leave_one_out="dataset",
    )  # fmt: skip

    for k in range(0, len(shown), 6):  # a dataset: both whole, both of a half, both of the other
        whole, noisy, one, _, other, _ = shown[k : k + 6]
        assert one
        assert other
        assert not one & other
        assert one | other <= whole
        assert not whole & noisy


def test_texts_that_no_other_group_can_calibrate_are_unread(tmp_path: Path) -> None:
    rows = [
        *benched.rows(150, 100, dataset="d", domain="x"),
        *benched.rows(30, 30, seed=1, dataset="d", domain="y"),
    ]
    given = benched.write(tmp_path / "given.jsonl", rows)

    facts = provenance.bench(
        given, detectors="benched:said", out=tmp_path / "out", resamples=10, leave_one_out="domain"
    ).facts

    x, y = facts["held_out"]["rows"]
    assert (x["value"], x["abstained"], x["auroc"]) == ("x", {"unread": 250}, None)
    assert (y["value"], y["abstained"], y["scored_human"]) == ("y", {}, 30)


def test_what_is_left_out_is_checked(given: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leave-one-out: is 'model'"):
        provenance.bench(
            given,
            detectors="linear",
            out=tmp_path / "out",
            leave_one_out="model",  # type: ignore
        )
