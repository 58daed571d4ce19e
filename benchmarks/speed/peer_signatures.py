"""MinHash signatures by datasketch, rensa and Daft, on one core.

Run by signatures.py with the interpreter of an environment that has them. Prints the CPU seconds of
each, start-up and imports left out, as JSON. All get word 5-grams; the first three are given texts
that are normalised already.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

WORDS = 5
#: Texts worked through before the clock starts.
WARM = 300


def shingles(text: str) -> list[bytes]:
    words = text.split()
    return [" ".join(words[i : i + WORDS]).encode() for i in range(max(1, len(words) - WORDS + 1))]


def datasketch(texts: pa.Table, num_perm: int) -> None:
    """By its fastest way, `generator`, with its defaults: SHA-1 and permutations of affine32."""
    from datasketch import MinHash

    rows = (shingles(text) for text in texts["normal_form"].to_pylist())
    for minhash in MinHash.generator(rows, num_perm=num_perm):
        minhash.digest()


def rensa(texts: pa.Table, num_perm: int) -> None:
    """One RMinHash per text, fed with bytes, which it hashes twice as fast as str."""
    from rensa import RMinHash

    for text in texts["normal_form"].to_pylist():
        minhash = RMinHash(num_perm=num_perm, seed=1)
        minhash.update(shingles(text))
        minhash.digest()


def daft(texts: pa.Table, num_perm: int) -> None:
    """The `minhash` expression alone, with the fastest of its hashes."""
    _daft(texts.select(["normal_form"]), num_perm, normalise=False)


def daft_normalising(texts: pa.Table, num_perm: int) -> None:
    """The same from raw texts, with all that its `normalize` does."""
    _daft(texts.select(["text"]).rename_columns(["normal_form"]), num_perm, normalise=True)


def _daft(texts: pa.Table, num_perm: int, *, normalise: bool) -> None:
    from daft import col, from_arrow

    text = col("normal_form")
    if normalise:
        text = text.normalize(remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    signature = text.minhash(num_hashes=num_perm, ngram_size=WORDS, hash_function="xxhash3_64")
    from_arrow(texts).select(signature.alias("signature")).collect()


def cpu_seconds(side: Callable[[pa.Table, int], None], texts: pa.Table, num_perm: int) -> float:
    side(texts.slice(0, WARM), num_perm)
    start = time.process_time()
    side(texts, num_perm)
    return time.process_time() - start


def main() -> None:
    path, num_perm = sys.argv[1], int(sys.argv[2])
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = pq.read_table(path)
    sides = (datasketch, rensa, daft, daft_normalising)
    print(json.dumps({side.__name__: cpu_seconds(side, texts, num_perm) for side in sides}))


if __name__ == "__main__":
    main()
