"""datatrove's MinHash stages 2 and 3 over signatures that stage 1 could have written.

Run by clusters.py with the interpreter of an environment that has datatrove. Prints its seconds as
JSON; the clusters are the files that stage 3 writes. The stages are called without an executor,
which would add its own files and log.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.utils.hashing import HashConfig
from loguru import logger


def main(signatures: Path, out: Path, bands: int, rows: int) -> None:
    logger.remove()
    config = MinhashConfig(
        num_buckets=bands, hashes_per_bucket=rows, hash_config=HashConfig(precision=32)
    )
    buckets, clusters = str(out / "buckets"), str(out / "clusters")
    wall, cpu = time.perf_counter(), time.process_time()
    for rank in range(bands):
        # Its default reads five records at a time; this is faster.
        stage = MinhashDedupBuckets(str(signatures), buckets, config=config, lines_to_buffer=4096)
        stage.run(None, rank, bands)
    MinhashDedupCluster(
        buckets, clusters, config=config, save_cluster_id=True, lines_to_buffer=4096
    ).run(None, 0, 1)
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
