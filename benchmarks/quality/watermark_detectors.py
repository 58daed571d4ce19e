"""What the watermark benchmarks share: detectors that are given ids, keys, and token ids of OPT."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from detectors.watermark import SCHEMES
from detectors.watermark.detector import Watermark

DATA = Path(os.environ.get("PROVENANCE_DATA", "."))
SYNTHID_KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29, 590, 639, 13, 715, 468, 990, 966,
                226, 324, 585, 118, 504, 421, 521, 129, 669, 732, 225, 90, 960]  # fmt: skip


def make(scheme: str, **parameters: Any) -> Watermark:
    """A detector that is given ids."""
    module, _, name = SCHEMES[scheme].partition(":")
    detector: Watermark = getattr(import_module(module), name)(lambda _: [], **parameters)
    return detector


def opt_ids(texts: Sequence[str]) -> list[np.ndarray]:
    """Token ids of the OPT tokenizer."""
    tokenizer = Tokenizer.from_file(str(DATA / "watermark" / "opt_tokenizer" / "tokenizer.json"))
    encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [np.array(one.ids, np.int64) for one in encoded]
