"""Small random sequence classifiers that know bytes; saved as any published one is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tiny_models
import torch
from tokenizers import processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from detectors.classifier.sequence import MeanHead

_SHAPE = {
    "vocab_size": tiny_models.VOCAB_SIZE, "hidden_size": 32, "intermediate_size": 64,
    "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 66,
    "initializer_range": 0.3, "pad_token_id": 1,
}  # fmt: skip


def tokenizer() -> PreTrainedTokenizerFast:
    """One token per byte between <s> (256) and </s> (257)."""
    made = tiny_models.tokenizer()._tokenizer
    made.add_special_tokens(["</s>", "<pad>"])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 256), ("</s>", 257)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )


def bert(labels: list[str], *, seed: int = 0) -> Any:
    """A BERT with these outputs."""
    torch.manual_seed(seed)
    config = BertConfig(**_SHAPE, id2label=dict(enumerate(labels)), num_labels=len(labels))
    return BertForSequenceClassification(config).eval()


def roberta(labels: list[str]) -> Any:
    """A RoBERTa, whose first two positions are not for text."""
    torch.manual_seed(0)
    config = RobertaConfig(**_SHAPE, id2label=dict(enumerate(labels)), num_labels=len(labels))
    return RobertaForSequenceClassification(config).eval()


def mean_head() -> Any:
    """A BERT with one output on the mean over its tokens, as desklib's."""
    torch.manual_seed(0)
    return MeanHead(BertConfig(**_SHAPE)).eval()


def saved(model: Any, folder: Path, *, safe: bool = True) -> Path:
    """The folder, with the model and its tokenizer in it."""
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    if not safe:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    return folder
