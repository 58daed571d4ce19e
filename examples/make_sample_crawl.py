"""Build a small sample crawl, offline and always the same: python make_sample_crawl.py FOLDER

FOLDER gets four WARC shards and a JSON Lines shard; FOLDER-truth.jsonl, beside it, says what is
true of every record. README.md in this folder says where the texts come from.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sample_crawl.archive import file_name, warc_file
from sample_crawl.capture import CRAWLS, Origin
from sample_crawl.cast import Cast, TooFewTextsError, cast
from sample_crawl.forum import FILE_NAME, Post, jsonl_file, posts
from sample_crawl.texts import human_texts, synthetic_texts

SEED = 20250131
SYNTHETIC_TEXTS = Path(__file__).parent / "synthetic_texts.jsonl"

Row = dict[str, str | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the sample was written, 1 when this Python carries too little documentation."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="where the shards go; it must not exist yet")
    folder: Path = parser.parse_args(arguments).folder
    if folder.exists():
        parser.error(f"{folder} exists already")
    try:
        counts = build(folder)
    except TooFewTextsError as error:
        print(error, file=sys.stderr)
        return 1
    for kind, count in sorted(counts.items()):
        print(f"{count:5} {kind}")
    return 0


def build(folder: Path) -> Counter[str | None]:
    """Write the sample into `folder` and its truth beside it; how many rows there are per kind."""
    sample = cast(human_texts(), synthetic_texts(SYNTHETIC_TEXTS), seed=SEED)
    forum = posts(sample.forum_texts, sample.quoted, seed=SEED)
    folder.mkdir(parents=True)
    for crawl in CRAWLS:
        captures = [capture for capture in sample.captures if capture.crawl is crawl]
        (folder / file_name(crawl)).write_bytes(warc_file(crawl, captures))
    (folder / FILE_NAME).write_bytes(jsonl_file(forum))
    truth = [*_warc_truth(sample), *_forum_truth(forum)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in truth)
    folder.with_name(f"{folder.name}-truth.jsonl").write_bytes(lines.encode())
    return Counter(row["kind"] for row in truth)


def _warc_truth(sample: Cast) -> Iterator[Row]:
    for capture in sorted(sample.captures, key=lambda capture: (capture.date, capture.url)):
        shard = file_name(capture.crawl)
        yield {
            "record_id": capture.record_id,
            "url": capture.url,
            "shard": shard,
            **_facts(capture.date, capture.origin),
        }


def _forum_truth(forum: Sequence[Post]) -> Iterator[Row]:
    """Lines of a JSON Lines file have no record id: their address names them."""
    for post in forum:
        yield {
            "record_id": None,
            "url": post.url,
            "shard": FILE_NAME,
            **_facts(post.date, post.origin),
        }


def _facts(date: datetime, origin: Origin) -> Row:
    return {
        "captured_at": f"{date:%Y-%m-%dT%H:%M:%SZ}",
        "kind": origin.kind,
        "label": origin.label,
        "language": origin.language,
        "dup_of": origin.dup_of,
        "note": origin.note,
    }


if __name__ == "__main__":
    raise SystemExit(main())
