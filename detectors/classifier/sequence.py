"""Sequence classifiers of transformers as detectors: any hub id or folder of safetensors.

Which output means machine text is looked up or read off the labels' names; where neither says, it
must be told. It is never assumed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
)

from detectors import normalize
from detectors.calibration import Fingerprint
from detectors.classifier.known import HUMAN_LABELS, KNOWN, MACHINE_LABELS, Known
from detectors.language_model import LIMIT_CHARACTERS
from detectors.model_files import dtype_named, located, quietly, require_device
from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.threads import one_thread

_MOST_WINDOWS: Final = 8  # of a text; evenly placed in longer ones


class ClassifierError(ValueError):
    """A classifier that cannot be loaded safely, or whose outputs cannot be told apart."""


class MeanHead(PreTrainedModel):  # type: ignore[misc]
    """An encoder, the mean of its hidden states over the tokens, and one linear output."""

    config_class = AutoConfig

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.model = AutoModel.from_config(config)
        self.classifier = nn.Linear(config.hidden_size, 1)
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Any:
        """Logits [B, 1]."""
        states = self.model(input_ids, attention_mask=attention_mask)[0]
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return _Output(self.classifier(pooled))


class _Output:
    __slots__ = ("logits",)

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits


class SequenceClassifier:
    """A classifier with its tokenizer, and the output that stands for machine text."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        machine: int | str | None = None,
        max_tokens: int = 512,
        source: str = "",
        revision: str = "",
    ) -> None:
        """model: of transformers, in eval mode, on its device.

        machine: place or label of the output of machine text; None = as the labels say. Raises
        ClassifierError where they do not say.
        """
        self.source, self.revision = source, revision
        self._model, self._tokenizer = model, tokenizer
        labels: Mapping[int, str] = model.config.id2label
        self.machine = machine_output(labels, machine, source=source or "the classifier")
        self.n_outputs = int(model.config.num_labels) if not isinstance(model, MeanHead) else 1
        self._before, self._after = _specials(tokenizer)
        specials = len(self._before) + len(self._after)
        self._width = min(max_tokens, _positions(model)) - specials

    @classmethod
    def load(
        cls,
        source: str | Path,
        *,
        machine: int | str | None = None,
        known: str | None = None,
        revision: str | None = None,
        dtype: str = "float32",
        device: str = "cpu",
    ) -> SequenceClassifier:
        """The classifier of a hub id or a folder of safetensors; never code, never pickles.

        known: the entry of `known.KNOWN` that a folder holds; by default the hub id itself. Raises
        ClassifierError or LanguageModelError.
        """
        require_device(device)
        name = known or str(source)
        if known is not None and known not in KNOWN:
            raise ClassifierError(f"no known classifier {known!r} (known: {', '.join(KNOWN)})")
        spec = KNOWN.get(name, Known(-1, ""))
        if machine is None and spec.seen_in:
            machine = spec.machine
        place, options = located(str(source), revision)
        if "gguf_file" in options:
            raise ClassifierError(f"{source}: a GGUF file is no sequence classifier")
        try:
            with quietly():
                tokenizer = AutoTokenizer.from_pretrained(place, **options)
                loader = MeanHead if spec.head == "mean" else AutoModelForSequenceClassification
                model = loader.from_pretrained(
                    place, **options, use_safetensors=True, dtype=dtype_named(dtype, device)
                )
        except (OSError, ValueError, ImportError, KeyError, SafetensorError) as error:
            raise ClassifierError(f"{source}: no sequence classifier: {error}") from error
        return cls(
            model.to(device).eval(),
            tokenizer,
            machine=machine,
            max_tokens=spec.max_tokens,
            source=str(source),
            revision=revision or "",
        )

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on when it reads this classifier."""
        return Fingerprint(
            detector=spec.name,
            version=spec.version,
            normalizer=normalize.VERSION,
            dtype=str(self._model.dtype).removeprefix("torch."),
            weights=self._digest(),
            revision=self.revision,
            tokenizer=hashlib.sha256(self._vocabulary()).hexdigest(),
            window=f"{self._width}; output {self.machine}",
        )

    @torch.inference_mode()
    def log_odds(self, text: str) -> tuple[float | None, int]:
        """ln of machine : not machine, the mean over windows, None without words; and tokens.

        One output: the output itself, as it goes into a sigmoid. Several: what softmax makes of
        them, machine against all others.
        """
        form = normalize.language_form(text[:LIMIT_CHARACTERS])
        if not any(letter.isalnum() for letter in form):
            return None, 0
        ids = self._tokenizer(form, add_special_tokens=False, verbose=False)["input_ids"]
        odds = [self._window_odds(window) for window in windows_of(ids, self._width)]
        return float(np.mean(odds)), len(ids)

    def _window_odds(self, ids: Sequence[int]) -> float:
        given = [*self._before, *ids, *self._after]
        tensor = torch.tensor([given], device=self._model.device)
        made = self._model(input_ids=tensor, attention_mask=torch.ones_like(tensor))
        logits = made.logits[0].double()
        if self.n_outputs == 1:
            return float(logits[0])
        others = torch.arange(len(logits), device=logits.device) != self.machine
        return float(logits[self.machine] - logits[others].logsumexp(dim=0))

    def _digest(self) -> str:
        total = hashlib.sha256()
        for name, values in sorted(self._model.state_dict().items()):
            total.update(name.encode())
            total.update(values.cpu().contiguous().view(torch.uint8).numpy().tobytes())
        return total.hexdigest()

    def _vocabulary(self) -> bytes:
        return json.dumps(sorted(self._tokenizer.get_vocab().items())).encode()


def machine_output(
    labels: Mapping[int, str], machine: int | str | None, *, source: str = "the classifier"
) -> int:
    """The place of the output that stands for machine text.

    labels: as the model names its outputs. Raises ClassifierError where there is no such output,
    or where nobody says which it is.
    """
    shown = ", ".join(f"{i}: {label!r}" for i, label in sorted(labels.items()))
    if isinstance(machine, int):
        if machine in labels:
            return machine
        raise ClassifierError(f"{source}: no output {machine} (outputs: {shown})")
    wanted = {machine.lower()} if machine is not None else MACHINE_LABELS
    found = [i for i, label in labels.items() if label.lower() in wanted]
    if machine is not None and len(found) == 1:
        return found[0]
    if machine is not None:
        raise ClassifierError(f"{source}: no one output {machine!r} (outputs: {shown})")
    human = [i for i, label in labels.items() if label.lower() in HUMAN_LABELS]
    if len(found) == 1 and len(human) == len(labels) - 1:
        return found[0]
    raise ClassifierError(
        f"{source}: its labels do not say which output means machine text ({shown}); after "
        "checking on texts whose origin you know, say machine=<place or label>, or name its "
        "outputs human and machine in config.json (id2label)"
    )


def windows_of(ids: Sequence[int], width: int) -> Iterator[Sequence[int]]:
    """The whole text in windows of at most `width` tokens of equal length, without gaps.

    Of a text of more than `_MOST_WINDOWS` windows, as many, evenly placed from its first token to
    its last.
    """
    n = min(_MOST_WINDOWS, -(-len(ids) // width))
    length = min(width, -(-len(ids) // n))
    for k in range(n):
        start = 0 if n == 1 else round(k * (len(ids) - length) / (n - 1))
        yield ids[start : start + length]


def _specials(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Tokens that stand before and after every window, such as [CLS] and [SEP]."""
    made = tokenizer("a", return_special_tokens_mask=True)
    ids, mask = made["input_ids"], made["special_tokens_mask"]
    first, last = mask.index(0), len(mask) - mask[::-1].index(0)
    return ids[:first], ids[last:]


def _positions(model: Any) -> int:
    """Tokens that the model can read at once; RoBERTa's first two positions are not for text."""
    limit = getattr(model.config, "max_position_embeddings", None)
    if not limit:
        return 1 << 30
    reserved = 2 if "roberta" in model.config.model_type else 0
    return int(limit) - reserved


class ClassifierDetector:
    """Log-odds of machine authorship by a sequence classifier, raw: nothing is clamped or rounded.

    Every window runs alone, in one thread: neighbours and cores change nothing.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="classifier",
        version="1",
        unit="log-odds",
        min_tokens=50,
        cost_seconds=0.5,
        reference="the model card of the classifier",
        needs="classifier",
    )

    def __init__(self, classifier: SequenceClassifier) -> None:
        self._classifier = classifier
        self.fingerprint = classifier.fingerprint(self.spec)

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        with one_thread():
            return [self._score(text) for text in texts]

    def _score(self, text: str) -> Score:
        value, n_tokens = self._classifier.log_odds(text)
        if n_tokens < self.spec.min_tokens:
            return Score(None, n_tokens, TOO_SHORT if n_tokens else DEGENERATE)
        return Score(value, n_tokens)
