from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance import batch
from provenance.text.quality.characters import (
    ALPHABETIC,
    LINE_BREAK,
    SPACE,
    SYMBOL,
    TERMINAL,
    character_table,
)
from provenance.text.quality.statistics import KEPT, NAMES, measure, passed

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
          "use cookies")  # fmt: skip
TERMINALS = regex.compile(r"\p{Sentence_Terminal}")


def is_symbol(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "PS" or category == "Cc"


def repeated(parts: list[str]) -> tuple[int, int]:
    seen: set[str] = set()
    again = [part for part in parts if part in seen or seen.add(part)]  # type: ignore[func-returns-value]
    return len(again), sum(map(len, again))


def top_ngram(words: list[str], n: int) -> int:
    ngrams = [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
    if not ngrams:
        return 0
    ngram, count = Counter(ngrams).most_common(1)[0]
    return len(ngram) * count


def repeated_ngrams(words: list[str], n: int) -> int:
    seen: set[str] = set()
    characters, i = 0, 0
    while i + n <= len(words):
        ngram = "".join(words[i : i + n])
        characters += len(ngram) * (ngram in seen)
        i += n if ngram in seen else 1
        seen.add(ngram)
    return characters


def sentences(line: str) -> int:
    ends = regex.findall(r"\p{Sentence_Terminal}[\p{P}\p{S}\p{Cc}--\s]*(?=\s|$)", line,
                         flags=regex.V1)  # fmt: skip
    return max(1, len(ends))


def c4(text: str) -> list[float]:
    kept: list[str] = []
    lorem = bracket = False
    for raw in text.splitlines():
        line = raw.strip()
        words = line.split()
        if any(len(word) > 1000 for word in words):
            continue
        while (cut := re.sub(r"(\[[0-9]*\]|\[edit\]|\[citation needed\])\Z", "", line)) != line:
            line = cut
        if not line.endswith((".", "?", "!", '"', "'")) or line.endswith("..."):
            continue
        if len(words) < 3:
            continue
        low = "".join(c.lower() if c.isascii() else c for c in line)
        lorem |= "lorem ipsum" in low
        if "javascript" in low:
            continue
        bracket |= "{" in line
        if not any(phrase in low for phrase in POLICY):
            kept.append(line)
    lines = text.splitlines()
    return [len(kept) / len(lines), sum(map(sentences, kept)), float(lorem), float(bracket)]


def in_python(text: str) -> list[float]:
    """The definitions of the sources, with Python's own strings."""
    words = text.split()
    if not words:
        return [math.nan] * len(NAMES)
    proper = [word for word in words if not all(map(is_symbol, word))]
    lines = text.splitlines()
    paragraphs = re.split(r"\n{2,}", text.strip())
    runs = re.split(r"\n+", text)
    filled = [line for line in text.split("\n") if line.strip()]
    return [
        len(proper),
        sum(map(len, proper)) / len(proper) if proper else 0,
        text.count("#") / len(words),
        (text.count("...") + text.count("…")) / len(words),
        sum(line.lstrip().startswith(("•", "-")) for line in lines) / len(lines),
        sum(line.rstrip().endswith(("...", "…")) for line in lines) / len(lines),
        sum(any(map(str.isalpha, word)) for word in words) / len(words),
        len(STOP_WORDS & set(words)),
        repeated(runs)[0] / len(runs),
        repeated(runs)[1] / len(text),
        repeated(paragraphs)[0] / len(paragraphs),
        repeated(paragraphs)[1] / len(text),
        *(top_ngram(words, n) / len(text) for n in range(2, 5)),
        *(repeated_ngrams(words, n) / len(text) for n in range(5, 11)),
        *c4(text),
        sum(bool(TERMINALS.match(line[-1])) for line in filled) / len(filled),
        sum(len(line) <= 30 for line in filled) / len(filled),
        repeated(filled)[1] / len(text.replace("\n", "")),
        text.count("\n") / len(words),
    ]


def measured(*texts: str | None) -> np.ndarray:
    return measure(pa.array(texts, pa.large_string()))


PIECES = st.sampled_from(
    ["the", "be", "to", "a", "ab", "b", "word", "Straße", "日本", "…", "...", ". ", "!", '"', "'",
     "# ", "- ", "• ", "\n", "\n\n", "\r\n", "\u2028", "\x85", " ", "\t", "[12]", "[edit]",
     "[citation needed]", "{", "JavaScript ", "use cookies ", "Lorem ipsum ", "of and that. ",
     "have a word with you. ", "😀", "\u0301", "x" * 1001, "this line is just long enough, more. "]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=40
)


@settings(deadline=None, max_examples=400)  # the first example compiles
@given(TEXTS)
@example("a\n\n\n\nb\n\na")
@example("\n\na b c.\n\n")
@example("One two three.[1][edit]\nOne two three. [1]\nOne two three[")
@example("a b a b a b c d c d c d")
def test_every_statistic_agrees_with_the_plain_python_twin(text: str) -> None:
    row = measured(text)[0]

    for name, value, expected in zip(NAMES, row, in_python(text), strict=True):
        assert value == pytest.approx(expected, rel=1e-6, nan_ok=True), name


@given(st.lists(TEXTS, max_size=5))
@settings(deadline=None, max_examples=30)
def test_a_text_is_measured_the_same_alone_and_in_a_slice_of_a_batch(texts: list[str]) -> None:
    batch = pa.array(["other. ", *texts, None], pa.large_string())

    rows = measure(batch.slice(1))

    assert np.isnan(rows[-1]).all()
    for text, row in zip(texts, rows[:-1], strict=True):
        assert np.array_equal(row, measured(text)[0], equal_nan=True)


@pytest.mark.parametrize("text", [None, "", " \n\t\u2028"])
def test_a_text_without_words_has_no_statistics(text: str | None) -> None:
    rows = measured(text)

    assert np.isnan(rows).all()
    assert np.isnan(passed(rows)).all()


PROSE = """\
The tide had gone out before breakfast, and the boats lay on their sides in the mud.
Two boys were looking for crabs under the old pier. They found a boot instead.
Nobody in the village would admit to having lost one, with winter so close.
Later that morning a letter came for the harbour master, who read it twice and said nothing.
His wife asked whether it was bad news. It was not, he told her, and went to wind the clock.
"""


def test_prose_passes_every_rule_and_a_menu_does_not() -> None:
    menu = "\n".join(["Home", "About", "Home", "Contact"] * 8)

    shares = passed(measured(PROSE, menu))

    assert shares[0] == 1
    assert shares[1] < 0.7


def test_the_table_says_of_every_character_what_python_and_unicode_say() -> None:
    table = character_table()
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    text = [chr(code) for code in codes]
    terminal = {*regex.findall(r"\p{Sentence_Terminal}", "".join(text))}

    bits = table[codes]
    assert ((bits & SPACE) > 0).tolist() == [c.isspace() for c in text]
    assert ((bits & LINE_BREAK) > 0).tolist() == [len(f"a{c}b".splitlines()) == 2 for c in text]
    assert ((bits & ALPHABETIC) > 0).tolist() == [c.isalpha() for c in text]
    assert ((bits & SYMBOL) > 0).tolist() == [is_symbol(c) for c in text]
    assert ((bits & TERMINAL) > 0).tolist() == [c in terminal for c in text]


def test_every_statistic_is_a_column_of_the_contract() -> None:
    assert (*NAMES, "quality_form") == batch.added_by("quality")
    assert all(low <= high for low, high in KEPT.values())
