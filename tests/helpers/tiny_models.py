"""Small random causal models that know bytes; the weights are seeded, no file is read."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from detectors.language_model import LanguageModel
from detectors.reading import Reading

VOCAB_SIZE = 300  # 256 bytes, one BOS token, and tokens that no text has


def tokenizer(*, adds_bos: bool = False) -> PreTrainedTokenizerFast:
    """One token per byte; <s> is 256."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<s>"])
    if adds_bos:
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", 256)]
        )
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>")


def llama(*, seed: int = 0, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """A llama of two layers, tied head, sharp enough to have opinions."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCAB_SIZE, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
        tie_word_embeddings=True, initializer_range=0.3, bos_token_id=256, eos_token_id=256,
    )  # fmt: skip
    return LlamaForCausalLM(config).to(dtype).eval()


def gpt2(*, seed: int = 0) -> PreTrainedModel:
    """A GPT-2 of two layers with learned positions, 64 of them."""
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=VOCAB_SIZE, n_embd=32, n_layer=2, n_head=4, n_positions=64,
        initializer_range=0.3, bos_token_id=256, eos_token_id=256,
    )  # fmt: skip
    return GPT2LMHeadModel(config).eval()


def language_model(
    model: PreTrainedModel | None = None,
    *,
    adds_bos: bool = False,
    reading: Reading | None = None,
) -> LanguageModel:
    """A `LanguageModel` over a tiny llama, or the model given."""
    chosen = llama() if model is None else model
    return LanguageModel(chosen, tokenizer(adds_bos=adds_bos), source="tiny", reading=reading)


def save(folder: Path, *, seed: int = 0) -> Path:
    """`folder`, with a tiny llama of safetensors and its tokenizer in it."""
    llama(seed=seed).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
