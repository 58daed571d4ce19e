"""Who is a copy of whom in a table, their clusters, and signatures made again by datasketch alone.

python examples/dedup_a_table.py
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import xxhash
from datasketch import MinHash

from provenance.dedup import clusters, duplicates, sign_documents
from provenance.text.normal import normal_form

PAGE = " ".join(f"The {n}th sentence says something else than the others do." for n in range(40))
DOCUMENTS = pa.table(
    {
        "doc_id": ["page", "copy", "part", "other", "中文"],
        "text": [
            PAGE,
            PAGE.upper() + " (reprinted)",
            PAGE[: len(PAGE) // 2],
            "A text that nobody copied.",
            "没有空格的文字",
        ],
    }
)


def with_datasketch(text: str) -> np.ndarray:
    """The signature of one text: words of the normal form, five at a time, hashed by XXH64."""
    words = normal_form(text).split()
    minhash = MinHash(
        num_perm=112, hashfunc=lambda shingle: xxhash.xxh64_intdigest(shingle) & 0xFFFFFFFF
    )
    minhash.update_batch(
        " ".join(words[n : n + 5]).encode() for n in range(max(1, len(words) - 4)) if words
    )
    return minhash.hashvalues


def main() -> None:
    signed = sign_documents(DOCUMENTS).read_all()
    with TemporaryDirectory() as scratch:
        for row in duplicates(DOCUMENTS, scratch=scratch).read_all().to_pylist():
            print("{doc} is a copy of {match}: {kind}, {containment:.0%} of it".format(**row))
        for row in clusters(signed, scratch=scratch).read_all().to_pylist():
            print(f"{row['doc_id']} is in the cluster of {row['cluster_id']}")
    rows = zip(DOCUMENTS["text"].to_pylist(), signed["signature"].to_pylist(), strict=True)
    equal = [bytes(with_datasketch(text).astype("<u4")) == signature for text, signature in rows]
    print(f"{sum(equal)} of {len(equal)} signatures are those of datasketch")


if __name__ == "__main__":
    main()
