"""Writers of watermarked texts for `watermark.py`: ids only, no prompt, sampled at temperature 1.

babbler   independent code of the published algorithms over logits drawn at random per last token
gpt2      transformers' own processors over a small GPT-2 with random weights
smollm    both, a few, over SmolLM2-135M-Instruct (a GGUF file): a real model's entropy
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    LogitsProcessor,
    LogitsProcessorList,
    SynthIDTextWatermarkingConfig,
    WatermarkingConfig,
    WatermarkLogitsProcessor,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "helpers"))
import watermarked as twin
from watermark_detectors import SYNTHID_KEYS

KEY = 15_485_863


@dataclass(frozen=True, slots=True)
class Written:
    """Texts of one scheme. detector: name in detectors.watermark.SCHEMES, with its parameters."""

    writer: str
    detector: str
    parameters: dict[str, Any]
    entropy_nats: float
    texts: list[np.ndarray]


#: Detector and parameters of each scheme, with the strengths of its paper or code (delta 2).
SCHEMES: dict[str, tuple[str, dict[str, Any]]] = {
    "transformers-lefthash": ("kgw", {"seeding": "transformers-lefthash"}),
    "transformers-selfhash": ("kgw", {"seeding": "transformers-selfhash", "context_width": 4}),
    "lm-minhash": ("kgw", {"seeding": "lm-watermarking/minhash"}),
    "lm-skipgram": ("kgw", {"seeding": "lm-watermarking/skipgram"}),
    "lm-selfhash": ("kgw", {"seeding": "lm-watermarking/selfhash"}),
    "markllm-time": ("kgw", {"seeding": "markllm-time", "gamma": 0.5}),
    "unigram": ("unigram", {"key": KEY}),
    "markllm-exp": ("gumbel", {"seeding": "markllm-exp"}),
    "three-bricks": (
        "gumbel",
        {"seeding": "three-bricks-hash", "key": 35_317, "context_width": 4},
    ),
    "synthid": ("synthid", {"keys": SYNTHID_KEYS, "table": "cpu"}),
}

#: One of each kind, for the writer that is slow.
FEW = ("transformers-lefthash", "transformers-selfhash", "unigram", "markllm-exp", "synthid")


def steps(scheme: str, vocab_size: int) -> dict[str, Any]:
    """A fresh processor or chooser of the scheme, from the published algorithm."""
    left, salted = twin.left_hash, twin.self_hash
    lm = twin.lm_watermarking_seed
    table = torch.randint(0, 2, (65_536,), generator=torch.Generator().manual_seed(0))
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "transformers-lefthash": lambda: {
            "processor": left(lambda ids: KEY * int(ids[-1]), vocab_size, gamma=0.25)
        },
        "transformers-selfhash": lambda: {
            "processor": salted(twin.transformers_selfhash_seed(4, key=KEY), vocab_size, gamma=0.25)
        },
        "lm-minhash": lambda: {
            "processor": left(lm("minhash_prf", 4, key=KEY), vocab_size, gamma=0.25)
        },
        "lm-skipgram": lambda: {
            "processor": left(lm("skipgram_prf", 5, key=KEY), vocab_size, gamma=0.25)
        },
        "lm-selfhash": lambda: {
            "processor": salted(lm("anchored_minhash_prf", 4, key=KEY), vocab_size, gamma=0.25)
        },
        "markllm-time": lambda: {
            "processor": left(
                twin.markllm_seed("time", 1, key=KEY, vocab_size=vocab_size),
                vocab_size,
                gamma=0.5,
            )
        },
        "unigram": lambda: {"processor": twin.unigram(vocab_size, key=KEY)},
        "markllm-exp": lambda: {
            "chooser": twin.gumbel(
                twin.markllm_exp_seed(4, key=KEY, vocab_size=vocab_size), vocab_size
            )
        },
        "three-bricks": lambda: {
            "chooser": twin.gumbel(twin.three_bricks_seed(4, key=35_317), vocab_size)
        },
        "synthid": lambda: {"processor": twin.Tournament(SYNTHID_KEYS, table)},
    }
    return made[scheme]()


def _written(writer: str, scheme: str, size: int, entropy: float, texts: Any) -> Written:
    detector, parameters = SCHEMES[scheme]
    sized = {} if detector == "synthid" else {"vocab_size": size}
    return Written(writer, detector, parameters | sized, entropy, list(texts))


def babbler(n_texts: int, n_tokens: int) -> Iterator[Written]:
    """Every scheme by independent code."""
    model = twin.Babbler(4000)
    for scheme in SCHEMES:
        texts = [
            twin.generate(model, n_tokens, seed=seed, **steps(scheme, model.vocab_size))
            for seed in range(n_texts)
        ]
        yield _written("babbler", scheme, model.vocab_size, model.entropy(), texts)


class SelfHash(WatermarkLogitsProcessor):
    """transformers' self-hash, which fails where none of the 40 candidates lies in its own list."""

    def _score_rejection_sampling(self, input_seq: Any, scores: Any) -> torch.Tensor:
        return super()._score_rejection_sampling(input_seq, scores).long()


def _configurations(vocab_size: int) -> dict[str, dict[str, Any]]:
    salted = SelfHash(vocab_size, "cpu", seeding_scheme="selfhash", context_width=4)
    synthid = SynthIDTextWatermarkingConfig(keys=SYNTHID_KEYS, ngram_len=5)
    return {
        "transformers-lefthash": {
            "watermarking_config": WatermarkingConfig(seeding_scheme="lefthash")
        },
        "transformers-selfhash": {"logits_processor": LogitsProcessorList([salted])},
        "synthid": {"watermarking_config": synthid},
    }


def gpt2(n_texts: int, n_tokens: int) -> Iterator[Written]:
    """transformers' processors over a model of one layer with random weights."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=4000, n_positions=512, n_embd=64, n_layer=1, n_head=2, initializer_range=0.3,
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = GPT2LMHeadModel(config).eval()
    for scheme, how in _configurations(config.vocab_size).items():
        torch.manual_seed(1)
        prompt = torch.randint(0, 4000, (n_texts, 16))
        ids = _sampled(model, prompt, n_tokens, **how)
        yield _written("gpt2", scheme, 4000, _entropy(model, ids), ids[:, 16:].numpy())


def smollm(gguf: Path, n_texts: int, n_tokens: int) -> Iterator[Written]:
    """One scheme of each kind over SmolLM2; transformers' own processor where it has one."""
    torch.manual_seed(0)
    folder, name = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name).eval()
    model.generation_config.eos_token_id = None
    topics = ("rivers", "bread", "a long journey", "old music", "the night sky", "a broken clock",
              "learning to swim", "trade", "birds", "a family", "bridges", "winter")  # fmt: skip
    prompts = [f"Here is a story about {topic}.\n\n" for topic in topics]
    encoded = [tokenizer(one, add_special_tokens=False)["input_ids"] for one in prompts]
    shortest = min(map(len, encoded))
    rows = [encoded[i % len(encoded)][-shortest:] for i in range(n_texts)]
    size = model.config.vocab_size
    configurations = _configurations(size)
    for scheme in FEW:
        torch.manual_seed(1)
        own: dict[str, Any] = {"logits_processor": LogitsProcessorList([PerRow(scheme, size)])}
        if scheme in configurations:
            own = configurations[scheme]
        ids = _sampled(model, torch.tensor(rows), n_tokens, **own)
        yield _written("smollm", scheme, size, _entropy(model, ids), ids[:, shortest:].numpy())


class PerRow(LogitsProcessor):
    """A scheme's own step for each row of a batch."""

    def __init__(self, scheme: str, vocab_size: int) -> None:
        self._scheme, self._vocab_size = scheme, vocab_size
        self._rows: list[dict[str, Any]] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if not self._rows:
            self._rows = [steps(self._scheme, self._vocab_size) for _ in input_ids]
        return torch.stack(
            [self._row(*one) for one in zip(self._rows, input_ids, scores, strict=True)]
        )

    def _row(self, step: dict[str, Any], ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        if "processor" in step:
            changed: torch.Tensor = step["processor"](ids, logits)
            return changed
        chosen = torch.full_like(logits, -torch.inf)
        chosen[step["chooser"](ids, torch.softmax(logits, 0))] = 0.0
        return chosen


def _sampled(model: Any, prompt: torch.Tensor, n_tokens: int, **how: Any) -> torch.Tensor:
    with torch.inference_mode():
        ids: torch.Tensor = model.generate(
            input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=True, top_k=0,
            top_p=1.0, temperature=1.0, max_new_tokens=n_tokens, min_new_tokens=n_tokens,
            pad_token_id=0, **how,
        )  # fmt: skip
    return ids


def _entropy(model: Any, ids: torch.Tensor) -> float:
    """Mean entropy of the next token over a few of the texts, nats."""
    with torch.inference_mode():
        log_p = torch.log_softmax(model(ids[:4]).logits.float(), dim=-1)
        return float(-(log_p.exp() * log_p).sum(-1).mean())
