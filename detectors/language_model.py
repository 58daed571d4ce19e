"""Causal language models, run in one way: text in, token statistics out.

Every token of a text is predicted exactly once (`windows`), in batches of similar length; the body
runs in the dtype it is loaded in, logits are always float32 (bfloat16 logits tie, and ties
undercount ranks). A batch is a pure function of token ids: a process per core, each with
`torch.set_num_threads(1)` and a model of its own, gives the same scores.

Beginning of sequence: a model's BOS token stands before every window if its tokenizer puts it
before every text; then the first token is predicted too. `bos` overrules.

Neighbours in a batch change float32 scores by rounding: at most 1e-4 nats per token; bfloat16
scores by at most 1e-2 in the mean over a text of 50 tokens. With `batch_tokens=1` each window runs
alone: then neighbours change nothing, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from detectors import normalize
from detectors.ahead import sent
from detectors.calibration import Fingerprint
from detectors.kernels import token_statistics as kernel
from detectors.kernels.token_statistics import Head
from detectors.model_files import (
    LanguageModelError,
    causal_model,
    dtype_named,
    quietly,
    read_whole,
    require_device,
    tokenizer_digest,
    weights_digest,
)
from detectors.perplexity.presets import PRESETS
from detectors.protocol import DetectorSpec, PairStatistics, TokenStatistics
from detectors.reading import Batch, Ids, Reading, batches_of
from detectors.scorer import Scorer

#: Characters of a text that are read: bounds the time a hostile page can take.
LIMIT_CHARACTERS: Final = 200_000
_PROBE: Final = 8  # tokens on which the blockwise logits are compared with the model's own


class LanguageModel(Scorer[TokenStatistics]):
    """A causal language model with its tokenizer."""

    row = TokenStatistics
    dtypes = (np.float32, np.int64, np.float32, np.float32, np.float32)

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        source: str = "",
        revision: str = "",
        reading: Reading | None = None,
    ) -> None:
        """model: of transformers, in eval mode, on its device; tokenizer: a fast one.

        Raises LanguageModelError if its logits are not its hidden states times its head.
        """
        self.source, self.revision = source, revision
        self.reading = Reading() if reading is None else reading
        self._model, self._tokenizer = model, tokenizer
        self._bos = _bos(tokenizer, self.reading.bos)  # a call, which sets the tokenizer up anew
        read_whole(tokenizer.backend_tokenizer)
        self._width = min(self.reading.width, _positions(model) - len(self._bos))
        self.head = _head(model)
        self._require_plain_head()

    @classmethod
    def load(
        cls,
        source: str | Path,
        *,
        revision: str | None = None,
        dtype: str = "auto",
        device: str = "cpu",
        reading: Reading | None = None,
    ) -> LanguageModel:
        """The model of a preset, a folder of safetensors, a GGUF file or a hub id.

        dtype: bfloat16, float16, float32, or auto: bfloat16 where the device computes in it, else
        float32. Raises LanguageModelError for anything else, pickled weights included.
        """
        require_device(device)
        known = PRESETS.get(str(source))
        if known is not None:
            source, revision = known.installed() or known.source, revision or known.revision
            reading = reading or Reading(width=known.max_tokens)
            dtype = known.dtype if dtype == "auto" else dtype
        with quietly():
            model, tokenizer = causal_model(str(source), revision, dtype_named(dtype, device))
        model = model.to(device).eval()
        return cls(model, tokenizer, source=str(source), revision=revision or "", reading=reading)

    @property
    def dtype(self) -> str:
        """Of the body: "bfloat16", "float16" or "float32"."""
        return str(self._model.dtype).removeprefix("torch.")

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        device: torch.device = self._model.device
        return device

    @property
    def windowing(self) -> tuple[int, int, tuple[int, ...]]:
        """Width and overlap of windows in tokens, and the BOS token before each, if any."""
        return self._width, min(self.reading.overlap, self._width - 1), tuple(self._bos)

    @property
    def first(self) -> int:
        """The first token that is predicted: 0 with a BOS token, else 1."""
        return 0 if self._bos else 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the parameters' names and values as loaded, hex."""
        return weights_digest(self._model)

    @cached_property
    def tokenizer_digest(self) -> str:
        """SHA-256 over all that the tokenizer is, hex."""
        return tokenizer_digest(self._tokenizer.backend_tokenizer)

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on; `batch_tokens` only rounds them."""
        width, overlap, bos = self.windowing
        return Fingerprint(
            detector=spec.name,
            version=spec.version,
            normalizer=normalize.VERSION,
            dtype=self.dtype,
            weights=self.digest,
            revision=self.revision,
            tokenizer=self.tokenizer_digest,
            bos=" ".join(map(str, bos)),
            window=f"{width} {overlap}",
        )

    def vocabulary(self) -> dict[str, int]:
        """Token -> id."""
        made: dict[str, int] = self._tokenizer.get_vocab()
        return made

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """Token ids of the texts' scored form, int64; what looks like a special token is text."""
        forms = [normalize.language_form(text[:LIMIT_CHARACTERS]) for text in texts]
        if not forms:
            return []
        backend = self._tokenizer.backend_tokenizer
        encoded = backend.encode_batch_fast(forms, add_special_tokens=False)
        return [np.asarray(one.ids, np.int64) for one in encoded]

    @property
    def reader(self) -> LanguageModel:
        """Itself."""
        return self

    def plan(self, ids: Sequence[Ids]) -> Iterator[Batch]:
        """Batches of windows, longest first."""
        width, overlap, bos = self.windowing
        return batches_of(
            ids,
            self.reading,
            width=width,
            overlap=overlap,
            n_bos=len(bos),
            device=self.device.type,
        )

    def hidden(self, ids: Sequence[Ids], batch: Batch) -> Tensor:
        """Last hidden states that predict the windows' tokens, end to end: [N, D]."""
        rows = sent(torch.from_numpy(batch.rows(ids, self._bos)), self.device)
        places = sent(torch.from_numpy(batch.places(self._bos)), self.device)
        states = self._model.base_model(input_ids=rows, use_cache=False).last_hidden_state
        return states.flatten(0, 1).index_select(0, places)

    def targets(self, ids: Sequence[Ids], batch: Batch) -> Tensor:
        """The tokens that `batch` predicts, end to end: int64 [N]."""
        return sent(torch.from_numpy(batch.targets(ids)), self.device)

    def values(self, ids: Sequence[Ids], batch: Batch) -> Sequence[Tensor]:
        made = kernel.token_statistics(self.hidden(ids, batch), self.head, self.targets(ids, batch))
        return made.log_likelihood, made.rank, made.entropy, made.top1, made.variance

    @torch.inference_mode()
    def _require_plain_head(self) -> None:
        ids = torch.arange(_PROBE, device=self.device)[None] % len(self.head.weight)
        states = self._model.base_model(input_ids=ids, use_cache=False).last_hidden_state[0]
        ours = self.head.logits(states.to(self.head.weight.dtype), 0, len(self.head.weight))
        theirs = self._model(input_ids=ids, use_cache=False).logits[0].float()
        if (ours - theirs).abs().max() > 0.01 * theirs.abs().max() + 1e-3:
            raise LanguageModelError(
                f"{self.source or 'model'}: {type(self._model).__name__} does more to its logits "
                "than its output head; such models (scaled or capped logits) are not supported"
            )


class ModelPair(Scorer[PairStatistics]):
    """Two models that read the same tokens: one is asked what it would write, one scores it."""

    row = PairStatistics
    dtypes = (np.float32,) * 3

    def __init__(self, *, sampling: LanguageModel, scoring: LanguageModel) -> None:
        """Raises LanguageModelError unless both have the same vocabulary and read texts alike."""
        _require_equal(sampling, scoring)
        self.sampling, self.scoring = sampling, scoring

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on: of the sampling model, and the scoring."""
        sampling, scoring = self.sampling.fingerprint(spec), self.scoring.fingerprint(spec)
        return replace(
            scoring,
            dtype=f"{sampling.dtype} {scoring.dtype}",
            weights=f"{sampling.weights} {scoring.weights}",
            revision=f"{sampling.revision} {scoring.revision}".strip(),
        )

    @property
    def reader(self) -> LanguageModel:
        """The scoring model."""
        return self.scoring

    def values(self, ids: Sequence[Ids], batch: Batch) -> Sequence[Tensor]:
        made = kernel.pair_statistics(
            self.sampling.hidden(ids, batch),
            self.scoring.hidden(ids, batch),
            self.scoring.targets(ids, batch),
            sampling=self.sampling.head,
            scoring=self.scoring.head,
        )
        return made.log_likelihood, made.mean, made.variance


def _bos(tokenizer: Any, wanted: bool | None) -> list[int]:
    bos = tokenizer.bos_token_id
    if wanted is None:
        wanted = bos is not None and tokenizer("a")["input_ids"][:1] == [bos]
    if wanted and bos is None:
        raise LanguageModelError("bos: the tokenizer has no BOS token")
    return [bos] if wanted else []


def _positions(model: Any) -> int:
    """Tokens that the model can read at once."""
    limit = getattr(model.config, "max_position_embeddings", None)
    return int(limit) if limit else 1 << 30


def _head(model: Any) -> Head:
    output = model.get_output_embeddings()
    weight, bias = output.weight.detach(), getattr(output, "bias", None)
    return Head(
        weight.float() if weight.device.type == "cpu" else weight,
        None if bias is None else bias.detach().float(),
        is_bfloat16=weight.dtype == torch.bfloat16,
    )


def _require_equal(sampling: LanguageModel, scoring: LanguageModel) -> None:
    names = f"{sampling.source or 'sampling'} and {scoring.source or 'scoring'}"
    if sampling.vocabulary() != scoring.vocabulary():
        raise LanguageModelError(f"{names} have different vocabularies: their tokens do not match")
    if len(sampling.head.weight) != len(scoring.head.weight):
        raise LanguageModelError(
            f"{names} predict {len(sampling.head.weight)} and {len(scoring.head.weight)} tokens"
        )
    if sampling.windowing != scoring.windowing or sampling.device != scoring.device:
        raise LanguageModelError(f"{names} differ in window, BOS token or device")
