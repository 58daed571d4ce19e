"""The middle of a language model: the mean states that its first layers leave of a text.

Layers half way up a language model hold what kind of text they read, the last ones little but the
next token (Alain & Bengio 2016, arXiv:1610.01644; Skean et al. 2025, arXiv:2502.02013). Everything
is float32 and every text runs alone, in one thread: batches change nothing, and a processor with
bfloat16 reads as one without.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from detectors.model_files import (
    LanguageModelError,
    causal_model,
    quietly,
    read_whole,
    tokenizer_digest,
    weights_digest,
)
from detectors.reading import Ids
from detectors.threads import one_thread

#: First tokens that are left out of the mean. A language model keeps in the state of the first one
#: what has no other place (Xiao et al. 2023, arXiv:2309.17453): the mean would tell the length.
SINKS: Final = 1


class MiddleStates:
    """The first layers of a causal language model of the Llama kind, with its tokenizer.

    The state of a token after a layer is brought to a mean square of 1, so that no token counts
    more than another.
    """

    def __init__(self, model: Any, tokenizer: Any, *, layers: Sequence[int]) -> None:
        """model: of transformers, in float32; tokenizer: a fast one. layers: 1 = after the first.

        The model is kept, and its last norm loses its weights, which would weigh one layer alone.
        Raises LanguageModelError if the model has no such layers, or no plain norm after them.
        """
        body = model.base_model.eval()
        n_layers = body.config.num_hidden_layers
        if not all(1 <= layer <= n_layers for layer in layers):
            raise LanguageModelError(f"no layers {list(layers)} in a model of {n_layers}")
        if not hasattr(body, "norm"):
            raise LanguageModelError(f"{type(body).__name__}: not of the Llama kind")
        self.layers = tuple(layers)
        self._body, self._backend = body, tokenizer.backend_tokenizer
        read_whole(self._backend)
        with torch.no_grad():
            body.norm.weight.fill_(1.0)

    @classmethod
    def load(cls, source: str | Path, *, layers: Sequence[int]) -> MiddleStates:
        """Of a folder of safetensors or a GGUF file; no layer above the highest is loaded.

        Raises LanguageModelError.
        """
        with quietly():
            model, tokenizer = causal_model(str(source), None, torch.float32, n_layers=max(layers))
        return cls(model, tokenizer, layers=layers)

    @property
    def width(self) -> int:
        """Numbers of a mean state: those of every layer, end to end."""
        return len(self.layers) * int(self._body.config.hidden_size)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights as loaded, hex."""
        return weights_digest(self._body)

    @cached_property
    def tokenizer_digest(self) -> str:
        """SHA-256 over all that the tokenizer is, hex."""
        return tokenizer_digest(self._backend)

    def encode(self, forms: Sequence[str]) -> list[Ids]:
        """Token ids, int64; what looks like a special token is text."""
        encoded = self._backend.encode_batch_fast(list(forms), add_special_tokens=False)
        return [np.asarray(one.ids, np.int64) for one in encoded]

    def means(self, ids: Ids, lengths: Sequence[int]) -> NDArray[np.float64]:
        """Mean state of the first n tokens but SINKS, for each n of `lengths`: float64 [k, width].

        A causal model says of the first tokens what it would say of them alone: one pass serves all
        lengths. n: more than SINKS, at most len(ids).
        """
        n = np.asarray(lengths) - SINKS
        totals = np.cumsum(self._states(ids[: max(lengths)])[SINKS:], axis=0, dtype=np.float64)
        means: NDArray[np.float64] = totals[n - 1] / n[:, None]
        return means

    @torch.inference_mode()
    def _states(self, ids: Ids) -> NDArray[np.float32]:
        rows = torch.from_numpy(ids[None])
        with one_thread():
            found = self._body(input_ids=rows, use_cache=False, output_hidden_states=True)
            states = [self._body.norm(found.hidden_states[layer][0]) for layer in self.layers]
        joined: NDArray[np.float32] = torch.cat(states, dim=1).numpy()
        return joined
