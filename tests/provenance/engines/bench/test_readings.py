"""Scores are read by the closest cell, and by thresholds per domain as RAID does it."""

from __future__ import annotations

from pathlib import Path

import benched
import numpy as np

from detectors.calibrate import Scored, human_cells
from detectors.calibration import Calibration, Fingerprint
from detectors.measures import oracle_threshold
from provenance.engines.bench.corpus import Corpus, open_sources, read_corpus
from provenance.engines.bench.layouts import Labels, NamedColumns
from provenance.engines.bench.readings import per_domain, read
from provenance.engines.bench.scoring import Scores


def scored(path: Path) -> tuple[Corpus, Scores]:
    """The corpus with the scores that its texts say, all of 61 tokens."""
    corpus = read_corpus(open_sources([path], columns=NamedColumns(), labels=Labels()))
    scores = Scores(np.empty(corpus.n_texts), np.full(corpus.n_texts, 61, np.int32))
    for numbers, texts in corpus.batches():
        scores.value[numbers] = [np.nan if v is None else v for v in benched.said(texts)]
    return corpus, scores


def human_scores(n: int, *, domain: str, shift: float) -> list[Scored]:
    values = np.random.default_rng(n).normal(shift, 1, n).tolist()
    return [Scored(value, 61, "en", "own", False, domain) for value in values]


def test_a_text_is_read_by_the_cell_of_its_own_domain_or_else_of_any(tmp_path: Path) -> None:
    humans = human_scores(150, domain="blog", shift=3) + human_scores(150, domain="news", shift=0)
    cells, _ = human_cells(humans, fpr=0.01)
    calibration = Calibration(Fingerprint("said", "", "", "", ""), "", cells)
    rows = [benched.row(4.0, "ai", domain=domain) for domain in ("blog", "news", "poem")]
    corpus, scores = scored(benched.write(tmp_path / "a.jsonl", rows))

    found = read(calibration, corpus, scores, [0.05])

    thresholds = [
        calibration.threshold("en", 61, 0.05, domain=domain) for domain in ("blog", "news", "")
    ]
    assert thresholds[0] > 4 > thresholds[1]
    assert found.judged[0.05].all()
    assert found.flagged[0.05].tolist() == [threshold < 4.0 for threshold in thresholds]


def test_a_rate_that_the_closest_cell_cannot_tell_is_not_judged(tmp_path: Path) -> None:
    humans = human_scores(30, domain="blog", shift=0) + human_scores(300, domain="news", shift=0)
    cells, _ = human_cells(humans, fpr=0.04)
    calibration = Calibration(Fingerprint("said", "", "", "", ""), "", cells)
    rows = [benched.row(9.0, "ai", domain=domain) for domain in ("blog", "news")]
    corpus, scores = scored(benched.write(tmp_path / "a.jsonl", rows))

    found = read(calibration, corpus, scores, [0.01, 0.05])

    assert found.judged[0.01].tolist() == [False, True]
    assert found.judged[0.05].tolist() == [True, True]
    assert not found.flagged[0.01][0]


def test_each_domain_has_the_threshold_of_its_human_texts_that_no_attack_changed(
    tmp_path: Path,
) -> None:
    rows = [
        *benched.rows(100, 50, domain="blog", dataset="d"),
        *benched.rows(60, 50, seed=1, domain="news", dataset="d"),
        *benched.rows(40, 0, seed=2, domain="news", dataset="d", attack="typos"),
        *benched.rows(10, 10, seed=3, domain="poem", dataset="d"),
    ]
    corpus, scores = scored(benched.write(tmp_path / "a.jsonl", rows))

    values = scores.value[corpus.text]

    found = per_domain(corpus, values, [0.05])

    for start, stop, end in ((0, 100, 150), (150, 210, 300)):
        threshold = oracle_threshold(values[start:stop], 0.05)
        assert found.judged[0.05][start:end].all()
        assert found.flagged[0.05][start:end].tolist() == (values[start:end] > threshold).tolist()
    assert not found.judged[0.05][300:].any()
