"""Scores are kept, taken up again, and survive detectors that raise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import benched
import numpy as np
import pytest

from detectors.protocol import DetectorSpec, Score
from provenance.engines.bench import scoring
from provenance.engines.bench.contestants import contestants
from provenance.engines.bench.corpus import Corpus, open_sources, read_corpus
from provenance.engines.bench.layouts import Labels, NamedColumns


def corpus_of(path: Path) -> Corpus:
    return read_corpus(open_sources([path], columns=NamedColumns(), labels=Labels()))


def scores_of(corpus: Corpus, detector: object, folder: Path) -> scoring.Scores:
    (found,) = scoring.score_corpus(corpus, contestants([detector]), folder)
    return found


def by_row(corpus: Corpus, scores: scoring.Scores) -> list[float]:
    return scores.value[corpus.text].tolist()


def test_every_text_has_the_score_that_it_says(tmp_path: Path) -> None:
    rows = [*benched.rows(300, 200), benched.row("none", "ai"), benched.row("nan", "ai")]
    corpus = corpus_of(benched.write(tmp_path / "a.jsonl", rows))

    found = scores_of(corpus, benched.Said(), tmp_path / "scores")

    expected = [float(row["text"].split()[0]) for row in rows[:500]]
    assert by_row(corpus, found)[:500] == expected
    assert np.isnan(by_row(corpus, found)[500:]).all()
    assert [found.reason[n] for n in corpus.text[500:]] == ["says_none", "not_finite"]
    assert found.n_timed == 502
    assert found.tokens_timed == 502 * 61


def test_scores_that_are_kept_are_not_made_again(tmp_path: Path) -> None:
    corpus = corpus_of(benched.write(tmp_path / "a.jsonl", benched.rows(200, 100)))
    first = scores_of(corpus, benched.Said(), tmp_path / "scores")
    again = benched.Said()

    second = scores_of(corpus, again, tmp_path / "scores")

    assert again.n_texts == 0
    assert by_row(corpus, second) == by_row(corpus, first)
    assert (second.seconds, second.n_timed) == (first.seconds, first.n_timed)


def test_new_texts_are_scored_beside_kept_ones(tmp_path: Path) -> None:
    rows = [*benched.rows(150, 100), benched.row("none", "ai")]
    before = corpus_of(benched.write(tmp_path / "a.jsonl", rows))
    scores_of(before, benched.Said(), tmp_path / "scores")
    more = [*benched.rows(0, 40, seed=1), *rows]
    after, again = corpus_of(benched.write(tmp_path / "b.jsonl", more)), benched.Said()

    found = scores_of(after, again, tmp_path / "scores")

    assert again.n_texts == 40
    assert by_row(after, found)[:290] == [float(row["text"].split()[0]) for row in more[:290]]
    assert found.reason[int(after.text[290])] == "says_none"


def test_kept_scores_of_texts_that_are_no_longer_there_are_left_alone(tmp_path: Path) -> None:
    rows = benched.rows(150, 100)
    scores_of(corpus_of(benched.write(tmp_path / "a.jsonl", rows)), benched.Said(), tmp_path / "s")
    fewer, again = corpus_of(benched.write(tmp_path / "b.jsonl", rows[::3])), benched.Said()

    found = scores_of(fewer, again, tmp_path / "s")

    assert again.n_texts == 0
    assert by_row(fewer, found) == [float(row["text"].split()[0]) for row in rows[::3]]


class Killed(BaseException):
    pass


def test_a_run_that_was_killed_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = corpus_of(benched.write(tmp_path / "a.jsonl", benched.rows(400, 300)))
    monkeypatch.setattr(scoring, "_FLUSH_TEXTS", 100)
    monkeypatch.setattr(scoring, "CHUNK", 100)

    class Dies(benched.Said):
        def score(self, texts: Sequence[str]) -> list[Score]:
            if self.n_texts > 400:
                raise Killed
            return super().score(texts)

    with pytest.raises(Killed):
        scoring.score_corpus(corpus, [_named_said(Dies())], tmp_path / "scores")
    again = benched.Said()
    (found,) = scoring.score_corpus(corpus, [_named_said(again)], tmp_path / "scores")

    assert again.n_texts == 700 - 500
    assert by_row(corpus, found) == by_row(
        corpus, scores_of(corpus, benched.Said(), tmp_path / "whole")
    )


def _named_said(detector: benched.Said) -> object:
    from provenance.engines.bench.contestants import Contestant

    return Contestant("said", detector, {"detector": "said"}, None)


def test_a_text_on_which_a_detector_raises_is_named_and_the_others_are_scored(
    tmp_path: Path,
) -> None:
    rows = benched.rows(200, 200)
    rows[170] = benched.row("boom", "human", id="the 170th")
    rows[371] = benched.row("boom", "ai", n=1)
    corpus = corpus_of(benched.write(tmp_path / "a.jsonl", rows))

    found = scores_of(corpus, benched.raises_on_boom, tmp_path / "scores")

    assert found.failure == scoring.Failure(2, "the 170th", "RuntimeError: no such luck")
    assert not found.given_up
    assert np.flatnonzero(np.isnan(by_row(corpus, found))).tolist() == [170, 371]
    assert [found.reason[n] for n in corpus.text[[170, 371]]] == ["raised", "raised"]


def test_a_failure_is_tried_again_next_time(tmp_path: Path) -> None:
    rows = [*benched.rows(20, 20), benched.row("boom", "ai")]
    corpus = corpus_of(benched.write(tmp_path / "a.jsonl", rows))
    scores_of(corpus, benched.raises_on_boom, tmp_path / "scores")

    found = scores_of(corpus, benched.raises_on_boom, tmp_path / "scores")

    assert found.failure is not None
    assert found.failure.n_texts == 1


def test_a_detector_that_always_raises_is_given_up_and_the_others_go_on(tmp_path: Path) -> None:
    calls = []

    def broken(texts: Sequence[str]) -> list[float]:
        calls.append(len(texts))
        raise ValueError("never")

    corpus = corpus_of(benched.write(tmp_path / "a.jsonl", benched.rows(600, 600)))

    bad, good = scoring.score_corpus(corpus, contestants([broken, benched.Said()]), tmp_path / "s")

    assert bad.given_up
    assert bad.failure == scoring.Failure(1200, "0", "ValueError: never")
    assert len(calls) == 1 + scoring.PATIENCE
    assert not np.isnan(good.value).any()


class Short:
    spec = DetectorSpec("short", "1", "", 0, 0.0, "")

    def score(self, texts: Sequence[str]) -> list[Score]:
        return [Score(0.0, 1)] * (len(texts) - 1)


def test_too_few_scores_are_an_error_and_infinite_ones_an_abstention() -> None:
    with pytest.raises(ValueError, match="1 scores for 2 texts"):
        scoring.checked_scores(Short(), ["a", "b"])

    class Endless(Short):
        def score(self, texts: Sequence[str]) -> list[Score]:
            return [Score(math.inf, 3)]

    assert scoring.checked_scores(Endless(), ["a"]) == [Score(None, 3, "not_finite")]


def test_detectors_of_other_fingerprints_do_not_share_scores() -> None:
    one = scoring.folder_name({"detector": "a/b", "weights": "1"})
    two = scoring.folder_name({"detector": "a/b", "weights": "2"})

    assert one != two
    assert one.startswith("a_b-")
