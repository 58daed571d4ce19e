"""Every scheme finds what independent code of the published algorithm wrote, and nothing else."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import torch
import watermarked as twin

from detectors.watermark import reference
from detectors.watermark.detector import Watermark
from detectors.watermark.gumbel import Gumbel
from detectors.watermark.kgw import KGW
from detectors.watermark.synthid import (
    SynthID,
    Table,
    layer_weights,
    ngram_scores,
    sampling_table,
)
from detectors.watermark.synthid import hashes as ngram_hashes
from detectors.watermark.unigram import Unigram, green_list

V = 2000
KEY = 15_485_863
KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29, 590, 639, 13, 715, 468]
N_TEXTS = 5


def no_text(_texts: object) -> list[np.ndarray]:
    return []


def table() -> torch.Tensor:
    return torch.randint(0, 2, (65_536,), generator=torch.Generator().manual_seed(0))


def kgw(seeding: str, **parameters: object) -> KGW:
    return KGW(no_text, vocab_size=V, seeding=seeding, **parameters)  # type: ignore[arg-type]


CASES: dict[str, tuple[Watermark, dict[str, object]]] = {
    "kgw lefthash": (
        kgw("transformers-lefthash"),
        {"processor": twin.left_hash(lambda ids: KEY * int(ids[-1]), V, gamma=0.25)},
    ),
    "kgw transformers selfhash": (
        kgw("transformers-selfhash", context_width=4),
        {"processor": twin.self_hash(twin.transformers_selfhash_seed(4, key=KEY), V, gamma=0.25)},
    ),
    "kgw lm-watermarking minhash": (
        kgw("lm-watermarking/minhash"),
        {
            "processor": twin.left_hash(
                twin.lm_watermarking_seed("minhash_prf", 4, key=KEY), V, gamma=0.25
            )
        },
    ),
    "kgw lm-watermarking selfhash": (
        kgw("lm-watermarking/selfhash"),
        {
            "processor": twin.self_hash(
                twin.lm_watermarking_seed("anchored_minhash_prf", 4, key=KEY), V, gamma=0.25
            )
        },
    ),
    "kgw MarkLLM": (
        kgw("markllm-time", gamma=0.5),
        {
            "processor": twin.left_hash(
                twin.markllm_seed("time", 1, key=KEY, vocab_size=V), V, gamma=0.5
            )
        },
    ),
    "unigram": (
        Unigram(no_text, vocab_size=V, key=KEY),
        {"processor": twin.unigram(V, key=KEY)},
    ),
    "gumbel MarkLLM": (
        Gumbel(no_text, vocab_size=V),
        {"chooser": twin.gumbel(twin.markllm_exp_seed(4, key=KEY, vocab_size=V), V)},
    ),
    "gumbel three bricks": (
        Gumbel(no_text, vocab_size=V, seeding="three-bricks-hash", key=35_317, context_width=4),
        {"chooser": twin.gumbel(twin.three_bricks_seed(4, key=35_317), V)},
    ),
    "synthid": (SynthID(no_text, keys=KEYS), {}),
}


@cache
def written(name: str) -> tuple[np.ndarray, ...]:
    """Texts of 220 tokens that the case's generator wrote."""
    model = twin.Babbler(V)
    how = [
        {"processor": twin.Tournament(KEYS, table())} if name == "synthid" else CASES[name][1]
        for _ in range(N_TEXTS)
    ]
    return tuple(twin.generate(model, 220, seed=i, **one) for i, one in enumerate(how))


def log_p(detector: Watermark, texts: tuple[np.ndarray, ...]) -> list[float]:
    return [reading.log_p for reading in detector.readings_of_ids(texts)]


@pytest.mark.parametrize("name", CASES)
def test_two_hundred_tokens_are_enough(name: str) -> None:
    detector = CASES[name][0]

    assert max(log_p(detector, written(name))) < math.log(1e-6)


@pytest.mark.parametrize("name", CASES)
def test_text_of_no_watermark_has_uniform_p_values(name: str) -> None:
    rng = np.random.default_rng(3)
    texts = tuple(rng.integers(0, V, 150) for _ in range(200))

    p = np.exp(log_p(CASES[name][0], texts))

    assert 0.4 < p.mean() < 0.62
    assert (p < 0.05).mean() < 0.05 + 3 * 0.0154


@pytest.mark.parametrize("name", CASES)
def test_a_passage_inside_foreign_text_is_found(name: str) -> None:
    rng = np.random.default_rng(4)
    foreign = rng.integers(0, V, (2, 1200))
    text = np.concatenate([foreign[0], written(name)[0], foreign[1]])

    passage = CASES[name][0].readings_of_ids([text])[0].passage

    assert passage is not None
    assert passage.log_p < math.log(1e-3)
    assert 1000 < passage.begin < passage.end < 1620


def test_another_key_finds_nothing() -> None:
    assert min(log_p(kgw("transformers-lefthash", key=KEY + 1), written("kgw lefthash"))) > -9


def test_the_self_hashes_of_two_libraries_do_not_find_each_other() -> None:
    other = kgw("lm-watermarking/selfhash")

    assert min(log_p(other, written("kgw transformers selfhash"))) > math.log(1e-3)


def test_repeated_pairs_are_one_trial() -> None:
    once = written("kgw lefthash")[0]

    (single, double) = kgw("transformers-lefthash").trials([once, np.tile(once, 3)])

    assert len(single.values) == len(reference.left_hash_pairs(once.tolist(), KEY))
    assert len(double.values) <= len(single.values) + 1


def test_tokens_outside_the_vocabulary_are_not_scored() -> None:
    ids = np.array([5, 7, -1, 9, V, 11, 12])

    assert kgw("transformers-lefthash").trials([ids])[0].tokens.tolist() == [1, 6]


def test_synthid_scores_are_those_of_the_plain_twin() -> None:
    bits = sampling_table("cpu", size=65_536, seed=0)
    weights = layer_weights(len(KEYS), "weighted_mean")
    ngrams = np.random.default_rng(5).integers(0, 60_000, (200, 5))

    scores = ngram_scores(bits, KEYS, weights)[ngram_hashes(ngrams) & np.uint64(65_535)]

    assert bits.tolist() == table().tolist()
    assert scores == pytest.approx(
        [reference.synthid_score(n, KEYS, bits, weights) for n in ngrams.tolist()], rel=1e-12
    )


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_over_all_keys_a_layer_of_synthid_varies_as_the_normal_law_says(device: Table) -> None:
    """A key moves every n-gram of a text by one distance: n-grams that share bits of the table in
    one layer or two would make the sum vary more than independent draws."""
    bits = sampling_table(device, size=65_536, seed=0)
    moved = bits[ngram_hashes(np.arange(65_536)[:, None]).astype(np.int64) & 65_535]
    ngrams = np.random.default_rng(7).zipf(1.3, (400, 5)) % 60_000
    places = np.unique(ngram_hashes(ngrams) & np.uint64(65_535)).astype(np.int64)

    # ngram_hashes begins at 1, so that place p of `moved` belongs to hash and key of sum p + 1.
    sums = np.array([moved[(places + key - 1) % 65_536].sum() for key in range(0, 65_536, 16)])

    assert sums.mean() == pytest.approx(len(places) * bits.mean(), rel=0.005)
    assert sums.var() == pytest.approx(len(places) * bits.var(), rel=0.08)


def test_synthid_counts_a_repeated_context_once() -> None:
    ids = np.array([1, 2, 3, 4, 5, 1, 2, 3, 4, 6])

    (trials,) = SynthID(no_text, keys=KEYS).trials([ids])

    assert trials.tokens.tolist() == [4, 5, 6, 7, 8]


def test_synthid_counts_equal_hashes_once() -> None:
    ids = np.random.default_rng(6).integers(0, V, 200)

    (trials,) = SynthID(no_text, keys=KEYS, table_size=16).trials([ids])

    assert len(trials.values) == 16


def test_the_unigram_list_is_its_share_of_the_vocabulary() -> None:
    assert green_list(1001, key=3, gamma=0.25).sum() == 250


@pytest.mark.parametrize("gamma", [0.0, 1.0, 1e-9])
def test_a_list_of_no_or_all_tokens_is_refused(gamma: float) -> None:
    with pytest.raises(ValueError, match="tokens green"):
        kgw("transformers-lefthash", gamma=gamma)
    with pytest.raises(ValueError, match="tokens green"):
        Unigram(no_text, vocab_size=V, gamma=gamma)


def test_a_table_of_another_size_than_a_power_of_two_is_refused() -> None:
    with pytest.raises(ValueError, match="no power of two"):
        SynthID(no_text, keys=KEYS, table_size=1000)
