"""New pairs of words, against pairs that people wrote before machines did."""

from __future__ import annotations

import math
import random
import string

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.text import novelty
from provenance.text.normal import normal_form
from provenance.text.novelty import filter_of, ngram_novelty, novelties, plain_novelty, plain_pairs

PLAIN = normal_form(
    "We would like to thank you for taking the time to read this page and to let us know what you"
    " think about it. If you want to know more about how to use the site, please take a look at the"
    " list of questions, or send us an email. You can also find a lot of information on how to get"
    " started, and what to do when something does not work as it should."
)


def words(n: int, seed: int) -> list[str]:
    generator = random.Random(seed)
    return ["".join(generator.choices(string.ascii_lowercase, k=8)) for _ in range(n)]


def one(text: str | None, language: str | None = "en") -> float:
    return float(ngram_novelty(pa.array([text], pa.large_string()), [language])[0])


def test_plain_english_is_mostly_known_and_the_same_words_in_another_order_are_not() -> None:
    shuffled = PLAIN.split(" ")
    random.Random(0).shuffle(shuffled)

    assert one(PLAIN) < 0.25
    assert one(" ".join(shuffled)) > one(PLAIN) + 0.25
    assert one(" ".join(words(100, 0))) == pytest.approx(1, abs=0.03)


def test_novelty_is_the_share_of_distinct_pairs_outside_the_filter() -> None:
    chain = words(101, 1)  # 100 distinct pairs
    text = " ".join([*chain, *chain[:3]])  # one pair more, and two again
    bits = filter_of(list(plain_pairs(" ".join(chain[:41]))))  # the first 40

    value = novelties(pa.array([text], pa.large_string()), np.array([True]), bits)[0]

    assert value == pytest.approx(61 / 101, abs=1e-6)


def test_words_with_a_digit_make_no_pair() -> None:
    assert list(plain_pairs("a b 3d c d")) == [*plain_pairs("a b"), *plain_pairs("c d")]


TEXTS = st.lists(
    st.text(alphabet=st.sampled_from("ab1é漢"), min_size=1, max_size=3), max_size=200
).map(" ".join)


@settings(max_examples=60, deadline=None)  # the first example compiles
@given(st.lists(TEXTS, max_size=4), st.integers(0, 9))
def test_the_compiled_pass_agrees_with_the_plain_version(texts: list[str], known: int) -> None:
    pairs = [pair for text in texts for pair in plain_pairs(text)]
    bits = filter_of([pair for pair in pairs if pair % 10 < known])
    forms = pa.array(texts, pa.large_string())

    found = novelties(forms, np.ones(len(texts), dtype=np.bool_), bits)

    plain = np.array([plain_novelty(text, bits) for text in texts], dtype=np.float32)
    np.testing.assert_array_equal(found, plain)
    assert [novelty.pair_hashes(text).tolist() for text in texts] == [
        list(plain_pairs(text)) for text in texts
    ]


def test_both_look_no_further_than_the_beginning_of_a_long_text() -> None:
    text = " ".join(words(novelty.MAX_PAIRS + 500, 2))

    hashes = novelty.pair_hashes(text)

    assert len(hashes) == novelty.MAX_PAIRS
    assert hashes.tolist() == list(plain_pairs(text))
    assert one(text) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("text", "language"),
    [(None, "en"), ("", "en"), ("five words are too few", "en"), (PLAIN, None), (PLAIN, "de"),
     (" ".join(["again and"] * 100), "en")],
)  # fmt: skip
def test_novelty_is_unknown_rather_than_wrong(text: str | None, language: str | None) -> None:
    assert math.isnan(one(text, language))


def test_every_text_of_a_batch_is_counted_on_its_own() -> None:
    texts = [PLAIN, None, " ".join(words(80, 3)), PLAIN, "", PLAIN]
    languages = ["en", "en", "en", "de", "en", "en"]
    forms = pa.array(["before", *texts], pa.large_string()).slice(1)

    found = ngram_novelty(forms, languages)

    alone = [one(text, language) for text, language in zip(texts, languages, strict=True)]
    np.testing.assert_array_equal(found, np.array(alone, dtype=np.float32))


def test_the_reference_has_room_for_its_pairs() -> None:
    bits = novelty.reference("en")

    assert len(bits) == novelty.N_BITS // 8
    filled = np.unpackbits(bits).mean()
    assert 0 < filled**novelty.N_PROBES < 0.005  # how often a pair is taken for one of them
