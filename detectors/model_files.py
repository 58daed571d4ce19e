"""Where the weights of a model lie, how they may be read, and on what they can run.

Never code, never pickles: safetensors or GGUF alone.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

_DTYPES: Final = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
#: What reading a damaged or foreign file comes to: of transformers, of its GGUF reader, of torch.
_UNREADABLE: Final = (
    OSError, ValueError, ImportError, LookupError, RuntimeError, struct.error, SafetensorError,
)  # fmt: skip


class LanguageModelError(ValueError):
    """A model that cannot be loaded safely or scored exactly, or a pair that does not fit."""


def causal_model(
    source: str, revision: str | None, dtype: torch.dtype, *, n_layers: int | None = None
) -> tuple[Any, Any]:
    """Model and tokenizer of a hub id, a folder or a GGUF file. Raises LanguageModelError.

    n_layers: the first layers, which alone are loaded; None = all.
    """
    place, options = located(source, revision)
    weights: dict[str, Any] = {"dtype": dtype}
    if n_layers is not None:
        weights["num_hidden_layers"] = n_layers
    if "gguf_file" in options:
        weights["quantization_config"] = transformers.GgufConfig(dequantize=True)
    else:
        weights["use_safetensors"] = True
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        model = AutoModelForCausalLM.from_pretrained(place, **options, **weights)
    except _UNREADABLE as error:
        raise LanguageModelError(f"{source}: no language model: {error}") from error
    if not tokenizer.is_fast:
        raise LanguageModelError(f"{source}: its tokenizer has no fast form (tokenizer.json)")
    return model, tokenizer


def weights_digest(model: torch.nn.Module) -> str:
    """SHA-256 over the names and values of a model's parameters as loaded, hex."""
    total = hashlib.sha256()
    for name, values in sorted(model.state_dict().items()):
        total.update(name.encode())
        total.update(values.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return total.hexdigest()


def read_whole(backend: Tokenizer) -> None:
    """Make it read all of a text, special tokens as text; before anything asks for its digest."""
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = True


def tokenizer_digest(backend: Tokenizer) -> str:
    """SHA-256 over all that a tokenizer is, hex."""
    return hashlib.sha256(backend.to_str().encode()).hexdigest()


def located(source: str, revision: str | None) -> tuple[str, dict[str, Any]]:
    """What transformers calls the model, and how to read it: never code, never pickles."""
    path, options = Path(source), {"trust_remote_code": False}
    if path.suffix == ".gguf":
        if not path.is_file():
            raise LanguageModelError(f"{source}: no such file")
        return str(path.parent), {**options, "gguf_file": path.name}
    if path.is_dir():
        _require_safetensors(path)
        return str(path), options
    if path.is_file() or path.is_absolute():
        raise LanguageModelError(
            f"{source}: neither a folder of safetensors nor a .gguf file; pickled weights "
            "(.bin, .pt) run code when they are read, and are refused"
        )
    return source, {**options, "revision": revision or "main"}


def _require_safetensors(folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    pickled = sorted(path.name for path in folder.glob("*") if path.suffix in (".bin", ".pt"))
    found = (
        f"only {', '.join(pickled)}, pickles that run code when they are read" if pickled else ""
    )
    raise LanguageModelError(f"{folder}: no *.safetensors in it{': ' if found else ''}{found}")


def dtype_named(name: str, device: str) -> torch.dtype:
    """The dtype, auto: as `LanguageModel.load` says. Raises LanguageModelError."""
    if name == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    if name not in _DTYPES:
        raise LanguageModelError(f"no dtype {name!r} (accepted: auto, {', '.join(_DTYPES)})")
    return _DTYPES[name]


def require_device(device: str) -> None:
    """Raises LanguageModelError unless torch can compute on `device` here."""
    kind, _, place = device.partition(":")
    n_cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "cpu" or (kind == "cuda" and (not place or place.isdecimal())
                           and int(place or 0) < n_cuda):  # fmt: skip
        return
    found = ", ".join(["cpu", *(f"cuda:{i}" for i in range(n_cuda))])
    raise LanguageModelError(f"no device {device!r} (found here: {found})")


def _has_bfloat16(device: str) -> bool:
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported())
    return device == "cpu" and bool(
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )


@contextmanager
def quietly() -> Iterator[None]:
    """Without the progress bars of loading."""
    log = transformers.utils.logging
    shown = log.is_progress_bar_enabled()
    log.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            log.enable_progress_bar()
