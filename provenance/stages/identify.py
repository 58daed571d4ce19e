"""What identifies a text: its normal form and hash, language, length, and how rare it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from provenance import batch as contract
from provenance.text import forms, language, tokens
from provenance.text.normal import content_hash
from provenance.text.novelty import ngram_novelty
from provenance.text.rarity import rarity


class Identify:
    """Adds every column that the contract gives to `identify`; null where the text is null.

    tokenizer: path of a tokenizer.json for exact token counts; without one they are estimates.
    Raises InputError when that file is no tokenizer.
    """

    name = "identify"
    reads = ("text",)
    adds = contract.added_by("identify")
    drops: tuple[str, ...] = ()

    def __init__(self, *, tokenizer: str | None = None) -> None:
        self._count = tokens.counter(tokenizer)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        column = batch.column("text")
        places = _places(column.is_valid())
        columns = self._identify(column.drop_null())
        return contract.append(batch, {name: columns[name].take(places) for name in self.adds})

    def _identify(self, column: pa.LargeStringArray) -> dict[str, pa.Array]:
        """The columns of texts that are all present."""
        normal_forms = forms.normal_forms(column)
        texts, shown = column.to_pylist(), normal_forms.to_pylist()
        detected = language.detect(texts)
        langs = [lang for lang, _ in detected]
        return {
            "content_hash": _array("content_hash", [content_hash(form) for form in shown]),
            "normal_form": normal_forms,
            "lang": _array("lang", langs),
            "lang_confidence": _array("lang_confidence", [share for _, share in detected]),
            "n_chars": _array("n_chars", [len(text) for text in texts]),
            "n_tokens": _array("n_tokens", self._count(texts, langs)),
            "rarity": pa.array(rarity(shown, langs), type=pa.float32(), from_pandas=True),
            "ngram_novelty": pa.array(
                ngram_novelty(normal_forms, langs), type=pa.float32(), from_pandas=True
            ),
        }


def _array(name: str, values: Sequence[Any] | tokens.Counts) -> pa.Array:
    return pa.array(values, type=contract.COLUMNS[name].type)


def _places(valid: pa.BooleanArray) -> pa.Array:
    """Where each row's value stands among the present ones; null for a row without."""
    present = valid.to_numpy(zero_copy_only=False)
    return pa.array(np.cumsum(present) - 1, type=pa.int64(), mask=~present)
