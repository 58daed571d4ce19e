"""transformers' own processors write, its own detector counts: both agree with ours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import watermarked as twin

from detectors.watermark.kgw import KGW
from detectors.watermark.synthid import SynthID, layer_weights

transformers = pytest.importorskip("transformers")

V = 1000
KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29]


def no_text(_texts: object) -> list[np.ndarray]:
    return []


def written(processor: Any, n_tokens: int = 150) -> np.ndarray:
    """A text whose logits went through a transformers processor, one token at a time."""
    return twin.generate(
        twin.Babbler(V),
        n_tokens,
        seed=5,
        processor=lambda ids, logits: processor(ids[None], logits[None])[0],
    )


def kgw_processor(seeding_scheme: str, context_width: int) -> Any:
    from transformers.generation.logits_process import WatermarkLogitsProcessor

    return WatermarkLogitsProcessor(
        vocab_size=V, device="cpu", seeding_scheme=seeding_scheme, context_width=context_width
    )


def synthid_processor() -> Any:
    from transformers.generation.logits_process import SynthIDTextWatermarkLogitsProcessor

    return SynthIDTextWatermarkLogitsProcessor(
        ngram_len=5, keys=KEYS, sampling_table_size=2**16, sampling_table_seed=0,
        context_history_size=1024, device=torch.device("cpu"),
    )  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("lefthash", 1), ("selfhash", 4)])
def test_kgw_text_is_found(scheme: str, width: int) -> None:
    detector = KGW(no_text, vocab_size=V, seeding=f"transformers-{scheme}", context_width=width)

    (reading,) = detector.readings_of_ids([written(kgw_processor(scheme, width))])

    assert reading.log_p < math.log(1e-6)


def test_our_left_hash_counts_what_transformers_detector_counts() -> None:
    ids = written(kgw_processor("lefthash", 1))
    theirs = transformers.WatermarkDetector(
        model_config=transformers.GPT2Config(vocab_size=V, bos_token_id=V - 1),
        device="cpu",
        watermarking_config=transformers.WatermarkingConfig(),
        ignore_repeated_ngrams=True,
    )(torch.from_numpy(ids)[None], return_dict=True)

    (trials,) = KGW(no_text, vocab_size=V, seeding="transformers-lefthash").trials([ids])

    assert len(trials.values) == theirs.num_tokens_scored[0]
    assert trials.values.sum() == theirs.num_green_tokens[0]


def test_synthid_text_is_found_and_its_g_values_are_transformers() -> None:
    processor = synthid_processor()
    ids = written(processor)
    detector = SynthID(no_text, keys=KEYS)
    g_values = processor.compute_g_values(torch.from_numpy(ids)[None])[0].numpy()

    (trials,), (reading,) = detector.trials([ids]), detector.readings_of_ids([ids])

    assert reading.log_p < math.log(1e-6)
    expected = g_values[trials.tokens - 4] @ layer_weights(len(KEYS), "weighted_mean")
    assert trials.values == pytest.approx(expected, rel=1e-12)
