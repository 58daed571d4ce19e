"""Token counts: an estimate by character, and the exact count of a tokenizer file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from provenance.errors import InputError
from provenance.text.tokens import counter, estimate

ENGLISH = "The committee met on Tuesday to discuss the budget for the coming year in some detail. "


@pytest.fixture
def tokenizer_file(tmp_path: Path) -> str:
    """A tokenizer of whole words, told to truncate and pad as some shipped ones are."""
    model = models.WordLevel({"[UNK]": 0, "a": 1, "b": 2, "[PAD]": 3}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=4, pad_id=3, pad_token="[PAD]")
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    return str(path)


def test_an_empty_text_has_no_tokens_and_any_other_has_one() -> None:
    assert [estimate(text) for text in ("", " ", "a", "\0")] == [0, 1, 1, 1]


def test_english_prose_is_about_a_token_per_word() -> None:
    words = len(ENGLISH.split()) * 50

    assert words <= estimate(ENGLISH * 50, lang="en") <= 1.3 * words


def test_the_same_letters_cost_more_in_a_language_the_vocabulary_knows_less() -> None:
    assert estimate(ENGLISH, lang="pl") > estimate(ENGLISH, lang="de") > estimate(ENGLISH)


def test_an_undetermined_language_is_priced_as_english() -> None:
    assert estimate(ENGLISH, lang="und") == estimate(ENGLISH, lang=None) == estimate(ENGLISH)


@given(st.text(max_size=200))
def test_the_price_of_a_text_is_the_sum_of_its_characters(text: str) -> None:
    parts = sum(estimate(character * 1000) for character in text) / 1000

    assert estimate(text) == pytest.approx(parts, abs=max(1.0, 0.01 * len(text)))


def test_without_a_tokenizer_the_counter_estimates() -> None:
    counts = counter()([ENGLISH, "", "слово"], ["en", "und", "ru"])

    assert counts.tolist() == [estimate(ENGLISH), 0, estimate("слово", lang="ru")]


def test_with_a_tokenizer_the_counter_counts_all_of_a_text(tokenizer_file: str) -> None:
    counts = counter(tokenizer_file)(["a b", "", "a b c d e f"], ["en", "en", "en"])

    assert counts.tolist() == [2, 0, 6]


def test_counting_nothing_gives_nothing(tokenizer_file: str) -> None:
    assert len(counter(tokenizer_file)([], [])) == len(counter()([], [])) == 0


def test_a_missing_tokenizer_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*nowhere\.json"):
        counter(str(tmp_path / "nowhere.json"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe"])
def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)

    with pytest.raises(InputError, match="holds no tokenizer"):
        counter(str(path))
