"""Labels and groups without texts, and the texts again, each once."""

from __future__ import annotations

from pathlib import Path

import benched
import numpy as np
import pytest

from provenance.engines.bench import corpus as made
from provenance.engines.bench.layouts import Labels, NamedColumns
from provenance.errors import InputError


def corpus_of(*paths: Path) -> made.Corpus:
    return made.read_corpus(made.open_sources(paths, columns=NamedColumns(), labels=Labels()))


def test_each_distinct_text_is_read_again_once_with_its_number(tmp_path: Path) -> None:
    rows = benched.rows(1500, 700)
    path = benched.write(tmp_path / "a.jsonl", [*rows, *rows[:50], rows[0]])

    found = corpus_of(path)

    again = {n: text for batch in found.batches() for n, text in zip(*batch, strict=True)}
    assert len(again) == found.n_texts == 2200
    assert sum(len(numbers) for numbers, _ in found.batches()) == 2200
    expected = [row["text"] for row in [*rows, *rows[:50], rows[0]]]
    assert [again[number] for number in found.text] == expected


def test_copies_that_differ_in_case_and_space_alone_are_one_unit(tmp_path: Path) -> None:
    rows = [{"text": t, "label": "human"} for t in ("One text.", "ONE  text.\n", "Another.")]

    found = corpus_of(benched.write(tmp_path / "a.jsonl", rows))

    assert found.n_texts == 3
    assert found.unit[0] == found.unit[1] != found.unit[2]


def test_languages_that_no_column_says_are_detected(tmp_path: Path) -> None:
    english = "The committee will publish its report at the end of the month, he said."
    german = "Der Ausschuss wird seinen Bericht am Ende des Monats veröffentlichen."
    rows = [{"text": english, "label": "human"}, {"text": german, "label": "ai"},
            {"text": english, "label": "ai", "language": "xx"}]  # fmt: skip

    found = corpus_of(benched.write(tmp_path / "a.jsonl", rows))

    assert [found.language.names[code] for code in found.language.codes] == ["en", "de", "xx"]


@pytest.mark.parametrize(
    ("n_words", "name"),
    [(0, "under 50"), (49, "under 50"), (50, "50-99"), (399, "200-399"), (800, "800 and more"),
     (5_000_000, "800 and more")],
)  # fmt: skip
def test_lengths_fall_into_the_buckets_of_calibrations(n_words: int, name: str) -> None:
    assert made.length_name(n_words) == name


def test_a_character_is_a_word_where_the_script_has_no_spaces(tmp_path: Path) -> None:
    rows = [{"text": "没有空格的文字 two words", "label": "human"}]

    assert corpus_of(benched.write(tmp_path / "a.jsonl", rows)).n_words.tolist() == [9]


def test_names_tell_where_they_are() -> None:
    names = made.Names(("b", "a"), np.array([0, 1, 0], np.int32))

    assert names.where("b").tolist() == [True, False, True]
    assert names.where("c").tolist() == [False] * 3
    assert names.within(np.array([True, True, False])) == ["a", "b"]


def test_files_without_a_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n", encoding="utf-8")

    with pytest.raises(InputError, match="files: hold no text"):
        corpus_of(tmp_path / "a.csv")
