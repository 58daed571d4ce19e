"""300 texts that a CUDA device watermarked with SynthID-Text, read without a GPU."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tokenizers import Tokenizer

from detectors.watermark.synthid import SynthID, Table

DATA = os.environ.get("PROVENANCE_DATA")
KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29, 590, 639, 13, 715, 468, 990, 966, 226, 324,
        585, 118, 504, 421, 521, 129, 669, 732, 225, 90, 960]  # fmt: skip

pytestmark = pytest.mark.skipif(not DATA, reason="PROVENANCE_DATA is not set")


@pytest.fixture(scope="module")
def ids() -> list[np.ndarray]:
    folder = Path(str(DATA)) / "watermark"
    texts = pq.read_table(folder / "synthid_opt.parquet").column("text").to_pylist()
    tokenizer = Tokenizer.from_file(str(folder / "opt_tokenizer" / "tokenizer.json"))
    encoded = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    return [np.array(one.ids, np.int64) for one in encoded]


def detected(ids: Sequence[np.ndarray], table: Table) -> float:
    """Share of texts with 100 scored tokens or more that have p < 1e-3."""
    detector = SynthID(lambda _: [], keys=KEYS, table=table)
    readings = [one for one in detector.readings_of_ids(ids) if one.n_tokens >= 100]
    return float(np.mean([one.log_p < math.log(1e-3) for one in readings if one.log_p]))


def test_the_cuda_table_finds_them(ids: list[np.ndarray]) -> None:
    assert detected(ids, "cuda") >= 0.995


def test_the_cpu_table_finds_none(ids: list[np.ndarray]) -> None:
    assert detected(ids, "cpu") <= 0.01
