"""Watermarks become facts, at a p value that pays for everything that was tried."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import watermarked as twin
from keyrings import VOCAB_SIZE, text_of, write_keyring

from provenance.evidence.facts import Fact
from provenance.evidence.watermarks import Keyring, _scientific, watermark_facts
from provenance.policy.keyring import load_keyring

DECOYS = "\n".join(
    f"  - {{name: decoy {i}, scheme: unigram, tokenizer: words, vocab_size: 2000, key: {i}}}"
    for i in range(1, 40)
)
KEY = "  - {name: ours, scheme: unigram, tokenizer: words, vocab_size: 2000, key: 77}"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return load_keyring(write_keyring(tmp_path, f"{DECOYS}\n{KEY}"))


def marked(n_tokens: int) -> np.ndarray:
    model = twin.Babbler(VOCAB_SIZE)
    return twin.generate(model, n_tokens, seed=1, processor=twin.unigram(VOCAB_SIZE, key=77))


def unmarked(n_tokens: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, VOCAB_SIZE, n_tokens)


def test_the_right_key_among_many_is_found_and_named(keyring: Keyring) -> None:
    text, none = text_of(marked(250)), text_of(unmarked(250))

    empty, found, missing, other = watermark_facts(["", text, None, none], [None] * 4, keyring)

    assert empty is missing is other is None
    assert found is not None
    assert (found.kind, found.polarity, found.strength) == ("watermark", "synthetic", "decisive")
    assert found.detail is not None
    assert found.detail.startswith("unigram ours: ")
    assert found.detail.endswith("corrected for 40 combinations")


def test_every_combination_tried_costs_its_share(tmp_path: Path, keyring: Keyring) -> None:
    alone = load_keyring(write_keyring(tmp_path / "alone", KEY))
    text = text_of(marked(60)[:45])

    def p(of: Keyring) -> float:
        (fact,) = watermark_facts([text], ["en"], of)
        assert fact is not None
        assert fact.detail is not None
        return float(fact.detail.split("p = ")[1].split(",")[0])

    assert p(keyring) == pytest.approx(40 * p(alone), rel=0.05)


def test_few_tokens_are_no_evidence(keyring: Keyring) -> None:
    assert watermark_facts([text_of(marked(60)[:29])], ["en"], keyring) == [None]


def test_false_alarms_stay_below_the_level_for_all_keys_together(keyring: Keyring) -> None:
    texts = [text_of(unmarked(120, seed)) for seed in range(400)]

    facts = watermark_facts(texts, ["en"] * 400, keyring)

    assert sum(fact is not None for fact in facts) <= 4


def test_a_watermarked_passage_is_pointed_at(keyring: Keyring) -> None:
    ids = np.concatenate([unmarked(900, 1), marked(250), unmarked(900, 2)])

    (fact,) = watermark_facts([text_of(ids)], ["en"], keyring)

    assert isinstance(fact, Fact)
    assert "strongest in tokens " in str(fact.detail)


@pytest.mark.parametrize(
    ("log_p", "shown"),
    [(math.log(3.44e-5), "3.4e-5"), (-2000.0, "2.6e-869"), (math.log(9.96e-7), "1.0e-6")],
)
def test_p_values_are_shown_with_two_digits_however_small(log_p: float, shown: str) -> None:
    assert _scientific(log_p) == shown
