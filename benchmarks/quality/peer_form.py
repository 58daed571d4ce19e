"""Judge texts with datatrove's filters, rule by rule, around the values that we measured.

Reads JSON lines {"text", "values": {statistic: value}} from a file; prints one JSON object. A rule
agrees on a text when the filter, with every other rule off, keeps the text with its threshold just
on the lenient side of our value and drops it with the threshold just on the strict side: then
datatrove measures the same number to one part in 10^5.

With `split` datatrove gets our words, sentences and symbols (`str.split`, Sentence_Terminal, the
categories P, S and Cc) in place of its tokenisers and its hand-made set of 281 symbols, which lacks
the bullet and the copyright sign; with `own` it keeps these, and only the verdicts at the published
thresholds are compared.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import regex
from datatrove.data import Document
from datatrove.pipeline.filters import c4_filters, fineweb_quality_filter
from datatrove.pipeline.filters import gopher_quality_filter as gopher
from datatrove.pipeline.filters import gopher_repetition_filter as repetition

STEP = 1e-5
HUGE = 1e9
SENTENCE_END = regex.compile(r"\p{Sentence_Terminal}[\p{P}\p{S}\p{Cc}--\s]*(?=\s|$)", regex.V1)

QUALITY_OFF = dict.fromkeys(
    ("min_doc_words", "max_doc_words", "min_avg_word_length", "max_avg_word_length",
     "max_symbol_word_ratio", "max_bullet_lines_ratio", "max_ellipsis_lines_ratio",
     "max_non_alpha_words_ratio", "min_stop_words")
)  # fmt: skip
REPETITION_OFF = {
    "dup_line_frac": None, "dup_para_frac": None, "dup_line_char_frac": None,
    "dup_para_char_frac": None, "top_n_grams": (), "dup_n_grams": (),
}  # fmt: skip
FINEWEB_OFF = {
    "line_punct_thr": 0, "short_line_thr": HUGE, "char_duplicates_ratio": HUGE,
    "new_line_ratio": HUGE,
}  # fmt: skip


def our_words() -> None:
    """Give datatrove the words, sentences and symbols that we measure."""
    gopher.PUNCTUATION_SET = {
        c for c in map(chr, range(0x33480))
        if unicodedata.category(c)[0] in "PS" or unicodedata.category(c) == "Cc"
    }  # fmt: skip
    for module in (gopher, repetition, fineweb_quality_filter):
        module.split_into_words = lambda text, _=None: text.split()
    c4_filters.split_into_sentences = lambda text, _=None: SENTENCE_END.findall(text) or [text]


def keeps(filter_: Any, text: str) -> bool:
    return filter_.filter(Document(text=text, id="0")) is True


def with_rule(kind: Callable[..., Any], off: dict[str, Any], name: str) -> Callable[[Any], Any]:
    return lambda threshold: kind(**{**off, name: threshold})


def at_most(rules: dict[str, Callable[[float], Any]]) -> dict[str, Callable[[str, float], bool]]:
    """Rules that drop what exceeds the threshold. 0 would switch them off."""

    def check(rule: Callable[[float], Any]) -> Callable[[str, float], bool]:
        return lambda text, value: (
            keeps(rule(value * (1 + STEP) + 1e-12), text)
            and (value == 0 or not keeps(rule(value * (1 - STEP)), text))
        )

    return {name: check(rule) for name, rule in rules.items()}


def at_least(rules: dict[str, Callable[[float], Any]]) -> dict[str, Callable[[str, float], bool]]:
    """Rules that drop what falls below the threshold."""

    def check(rule: Callable[[float], Any]) -> Callable[[str, float], bool]:
        return lambda text, value: (
            (value == 0 or keeps(rule(value * (1 - STEP)), text))
            and (not keeps(rule(value * (1 + STEP) + 1e-12), text))
        )

    return {name: check(rule) for name, rule in rules.items()}


def rules() -> dict[str, Callable[[str, float], bool]]:
    """For each statistic, whether datatrove measures the value on the text."""
    quality = lambda name: with_rule(gopher.GopherQualityFilter, QUALITY_OFF, name)  # noqa: E731
    repeats = lambda name: with_rule(  # noqa: E731
        repetition.GopherRepetitionFilter, REPETITION_OFF, name
    )
    fineweb = lambda name: with_rule(  # noqa: E731
        fineweb_quality_filter.FineWebQualityFilter, FINEWEB_OFF, name
    )
    upper = {
        "bullet_lines": quality("max_bullet_lines_ratio"),
        "ellipsis_lines": quality("max_ellipsis_lines_ratio"),
        "duplicate_lines": repeats("dup_line_frac"),
        "duplicate_line_chars": repeats("dup_line_char_frac"),
        "duplicate_paragraphs": repeats("dup_para_frac"),
        "duplicate_paragraph_chars": repeats("dup_para_char_frac"),
        "short_lines": fineweb("short_line_thr"),
        "duplicate_chars": fineweb("char_duplicates_ratio"),
        "line_breaks": fineweb("new_line_ratio"),
    }
    for n in range(2, 5):
        rule = repeats("top_n_grams")
        upper[f"top_{n}_gram"] = lambda t, rule=rule, n=n: rule(((n, t),))
    for n in range(5, 11):
        rule = repeats("dup_n_grams")
        upper[f"duplicate_{n}_grams"] = lambda t, rule=rule, n=n: rule(((n, t),))
    lower = {
        "words": quality("min_doc_words"),
        "mean_word_length": quality("min_avg_word_length"),
        "alphabetic_words": quality("max_non_alpha_words_ratio"),
        "stop_words": quality("min_stop_words"),
        "terminal_lines": fineweb("line_punct_thr"),
    }
    return {**at_most(upper), **at_least(lower), **c4_rules()}


def c4_rules() -> dict[str, Callable[[str, float], bool]]:
    def kept_lines(text: str, value: float) -> bool:
        document = Document(text=text, id="0")
        c4_filters.C4QualityFilter(
            min_num_sentences=-1, filter_lorem_ipsum=False, filter_curly_bracket=False
        ).filter(document)
        n_kept = document.text.count("\n") + 1 if document.text else 0
        return abs(n_kept - value * len(text.splitlines())) < 1e-3

    def sentences(text: str, value: float) -> bool:
        def at(n: float) -> bool:
            return keeps(
                c4_filters.C4QualityFilter(
                    min_num_sentences=int(n), filter_lorem_ipsum=False, filter_curly_bracket=False
                ),
                text,
            )

        return at(value) and not at(value + 1)

    def flag(**on: bool) -> Callable[[str, float], bool]:
        off = {"filter_lorem_ipsum": False, "filter_curly_bracket": False}
        judge = c4_filters.C4QualityFilter(min_num_sentences=-1, **{**off, **on})
        return lambda text, value: keeps(judge, text) == (value == 0)

    return {
        "c4_lines": kept_lines,
        "c4_sentences": sentences,
        "lorem_ipsum": flag(filter_lorem_ipsum=True),
        "curly_bracket": flag(filter_curly_bracket=True),
    }


def verdicts() -> dict[str, Callable[[str], bool]]:
    """datatrove's filters as published, by the prefix of the statistics they rest on."""
    judges = {
        "gopher_quality": gopher.GopherQualityFilter(),
        "gopher_repetition": repetition.GopherRepetitionFilter(),
        "c4": c4_filters.C4QualityFilter(),
        "fineweb": fineweb_quality_filter.FineWebQualityFilter(),
    }
    return {name: lambda text, judge=judge: keeps(judge, text) for name, judge in judges.items()}


def main() -> None:
    path, mode = sys.argv[1:]
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    documents = [json.loads(line) for line in lines]
    counts: Counter[str] = Counter()
    if mode == "split":
        our_words()
        checks = rules()
        for document in documents:
            for name, check in checks.items():
                counts[name] += check(document["text"], document["values"][name])
    else:
        for document in documents:
            for name, judge in verdicts().items():
                counts[name] += judge(document["text"]) == document["verdicts"][name]
    print(json.dumps(dict(counts)))


if __name__ == "__main__":
    main()
