"""The nulls of a keyring's combinations, fitted to the human texts of a scored store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from detectors.watermark.detector import scored_form
from detectors.watermark.empirical_null import MIN_TEXTS, EmpiricalNull, Nulls, fit_null
from provenance.engines.store import Store
from provenance.errors import InputError, Problem
from provenance.evidence.watermarks import Combination, Keyring
from provenance.policy.keyring_nulls import nulls_document

Float64 = NDArray[np.float64]
#: Of one combination: normal scores and scored tokens, batch by batch.
_Scores = dict[str, list[tuple[Float64, Float64]]]
_ROWS = 1024


def fit_nulls(store: Store, keyring: Keyring) -> dict[str, Any]:
    """The content of a file of nulls for `keyring`. Raises InputError.

    store: human texts alone, such as pages captured before machines wrote any; one of them that is
    watermarked after all widens a null. Languages of fewer texts than MIN_TEXTS get none.
    """
    plan = str(store.totals()["plan"])
    scores: dict[Combination, _Scores] = {one: defaultdict(list) for one in keyring.combinations}
    for texts, langs in _texts(store):
        _score(texts, np.array(langs), keyring, scores)
    fitted = {one: Nulls(dict(_nulls(of_one))) for one, of_one in scores.items()}
    without = [one for one, nulls in fitted.items() if not nulls.languages]
    if without:
        what = f"no language has {MIN_TEXTS} texts that {str(without[0])!r} can score"
        raise InputError(Problem(str(store.root), what, accepted="more human texts"))
    return nulls_document(plan, fitted)


def _texts(store: Store) -> Iterator[tuple[list[str], list[str]]]:
    for part in store.parts("documents"):
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(_ROWS, columns=["text", "lang"]):
                rows = [row for row in batch.to_pylist() if row["text"] and row["lang"]]
                yield [row["text"] for row in rows], [row["lang"] for row in rows]


def _score(
    texts: Sequence[str],
    langs: NDArray[np.str_],
    keyring: Keyring,
    scores: Mapping[Combination, _Scores],
) -> None:
    forms = [scored_form(text) for text in texts]
    ids = {name: tokenize(forms) for name, tokenize in keyring.tokenizers.items()}
    for combination, of_one in scores.items():
        values, counts = combination.detector.normal_scores(ids[combination.tokenizer])
        for lang in np.unique(langs):
            chosen = (langs == lang) & np.isfinite(values)
            of_one[str(lang)].append((values[chosen], counts[chosen]))


def _nulls(scores: _Scores) -> Iterator[tuple[str, EmpiricalNull]]:
    for lang, batches in scores.items():
        values, counts = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        if len(values) >= MIN_TEXTS:
            yield lang, fit_null(values, counts)
