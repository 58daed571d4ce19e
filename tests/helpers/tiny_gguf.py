"""A tiny llama as a GGUF file, written by the format's own package."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from tiny_models import VOCAB_SIZE, tokenizer
from transformers import PreTrainedModel

#: A merge of two control characters, which no text has: the format has no tokenizer without one.
_MERGE = ("Ā", "ā")
_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}  # fmt: skip


def save(path: Path, model: PreTrainedModel) -> Path:
    """`path`, with the weights of `model`, a tied float32 llama, and the tokenizer of bytes."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, model.config)
    _add_tokenizer(writer)
    for name, values in model.state_dict().items():
        if name != "lm_head.weight":
            writer.add_tensor(*_tensor(name, values.numpy(), model.config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, config: object) -> None:
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(writer: gguf.GGUFWriter) -> None:
    tokens = sorted(tokenizer().get_vocab(), key=tokenizer().get_vocab().get)
    tokens += ["".join(_MERGE), *(f"<unused{i}>" for i in range(len(tokens) + 1, VOCAB_SIZE))]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_merges([" ".join(_MERGE)])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(256)


def _tensor(name: str, values: np.ndarray, config: object) -> tuple[str, np.ndarray]:
    if name in ("model.embed_tokens.weight", "model.norm.weight"):
        return ("token_embd" if "embed" in name else "output_norm") + ".weight", values
    number, _, rest = name.removeprefix("model.layers.").partition(".")
    short = _NAMES[rest.removesuffix(".weight")]
    if short in ("attn_q", "attn_k"):
        heads = config.num_attention_heads if short == "attn_q" else config.num_key_value_heads
        values = _paired(values, heads)
    return f"blk.{number}.{short}.weight", values


def _paired(values: np.ndarray, heads: int) -> np.ndarray:
    """Rows of each head as the format keeps them: those that one angle rotates side by side."""
    halves = values.reshape(heads, 2, len(values) // heads // 2, -1)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(values.shape))
