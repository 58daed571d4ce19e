"""Signatures against datasketch, value for value, on 20,000 documents.

Texts of the shared data: those of the simulated crawl, Chinese and Japanese ones, and human texts
of every other language, whole and as they stand. The other side is the published recipe in plain
Python: the words of the normal form, five at a time, xxhash's XXH64, datasketch. One row per scheme
and number of permutations; the script fails when one signature differs.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import random
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import xxhash
from datasketch import MinHash

from provenance.dedup import signatures
from provenance.dedup.minhash import Scheme
from provenance.text.normal import unicode_normal_form

SCHEMES: tuple[Scheme, ...] = ("affine32", "legacy")
WIDTHS = (112, 128, 256)


def texts_of(n_texts: int) -> list[str]:
    """All texts of the crawl, then others in random order, `n_texts` in all."""
    data = Path(os.environ["PROVENANCE_DATA"])
    crawl = pq.read_table(data / "crawl" / "truth.parquet", columns=["main_text"]).column(0)
    found = [text for text in crawl.to_pylist() if text]
    others = [
        text
        for path in sorted((data / "human").glob("*.parquet"))
        for text in pq.read_table(path, columns=["text"]).column(0).to_pylist()
    ]
    random.Random(0).shuffle(others)
    return [*found, *others][:n_texts]


def hashes_of(text: str) -> list[int]:
    words = unicode_normal_form(text).split()
    shingles = (" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4)) if words)
    return [xxhash.xxh64_intdigest(shingle.encode()) & 0xFFFFFFFF for shingle in shingles]


def by_datasketch(
    hashes: list[list[int]], num_perm: int, scheme: Scheme
) -> Iterator[npt.NDArray[np.uint64]]:
    for minhash in MinHash.generator(
        hashes, num_perm=num_perm, scheme=scheme, hashfunc=lambda value: value
    ):
        yield minhash.hashvalues.astype(np.uint64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    options = parser.parse_args()
    texts = texts_of(options.documents)
    hashes = [hashes_of(text) for text in texts]
    rows = []
    for scheme in SCHEMES:
        for num_perm in WIDTHS:
            found = signatures(texts, num_perm=num_perm, scheme=scheme)
            pairs = zip(found, by_datasketch(hashes, num_perm, scheme), strict=True)
            n_equal = sum(bool((ours == theirs).all()) for ours, theirs in pairs)
            rows.append(
                {
                    "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                    "datasketch": version("datasketch"),
                    "scheme": scheme,
                    "num_perm": num_perm,
                    "documents": len(texts),
                    "ascii": sum(text.isascii() for text in texts),
                    "shingles": sum(map(len, hashes)),
                    "equal": n_equal,
                }
            )
            print(rows[-1])
    write(rows)
    if any(row["equal"] != row["documents"] for row in rows):
        sys.exit("some signatures are not those of datasketch")


def write(rows: list[dict[str, object]]) -> None:
    path = Path(__file__).with_suffix(".csv")
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        if new:
            writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
