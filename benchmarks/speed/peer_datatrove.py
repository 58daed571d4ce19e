"""datatrove's own pipeline over WARC files: WarcReader, Trafilatura, four MinHash stages, JSONL.

Run by cleaning.py with the interpreter of an environment that has datatrove. Prints how many
documents came out, as JSON.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter


def main(source: Path, out: Path, tasks: int) -> None:
    config = MinhashConfig()
    log = str(out / "logs")
    names = ("text", "signatures", "buckets", "removed")
    text, signatures, buckets, removed = (str(out / name) for name in names)

    def run(name: str, pipeline: list[object], n_tasks: int) -> None:
        LocalPipelineExecutor(
            pipeline=pipeline, tasks=n_tasks, workers=1, logging_dir=f"{log}/{name}"
        ).run()

    run(
        "extract",
        [
            WarcReader(str(source), glob_pattern="*.warc.gz"),
            Trafilatura(favour_precision=True, timeout=10),
            JsonlWriter(text),
        ],
        tasks,
    )
    run("signature", [JsonlReader(text), MinhashDedupSignature(signatures, config=config)], tasks)
    run("buckets", [MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets)
    run("cluster", [MinhashDedupCluster(buckets, removed, config=config)], 1)
    run(
        "filter",
        [JsonlReader(text), MinhashDedupFilter(removed), JsonlWriter(str(out / "kept"))],
        tasks,
    )
    counts = {}
    for name in ("text", "kept"):
        counts[name] = 0
        for path in sorted((out / name).glob("*.jsonl.gz")):
            with gzip.open(path) as file:
                counts[name] += sum(1 for _ in file)
    print(json.dumps(counts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
