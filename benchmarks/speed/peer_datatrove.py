"""datatrove's own pipeline over WARC files: WarcReader, Trafilatura, four MinHash stages, JSONL.

Run by cleaning.py with the interpreter of an environment that has datatrove. Prints the
addresses of the documents with text, and how many are left, as JSON.
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
    urls = {name: documents(out / name) for name in ("text", "kept")}
    print(json.dumps({"urls": urls["text"], "kept": len(urls["kept"])}))


def documents(folder: Path) -> list[str]:
    """The addresses of the documents in a folder of JSON Lines."""
    urls = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path) as file:
            urls += [json.loads(line)["metadata"]["url"] for line in file]
    return urls


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
