"""A JSON Lines shard in the form of C4 (text, url, timestamp), with two lines that are broken."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sample_crawl.blocks import to_text
from sample_crawl.capture import NEW_CRAWLS, Origin, moment
from sample_crawl.pages import Page
from sample_crawl.texts import Text

FILE_NAME = "forum.jsonl.gz"
BROKEN_LINES = ('{"text": "A line that ends in the mid', '{"url": "https://forum.example/empty"}')


@dataclass(frozen=True, slots=True)
class Post:
    """One line of the shard."""

    url: str
    date: datetime
    text: str
    origin: Origin


def posts(texts: Sequence[Text], quoted: Sequence[Page], *, seed: int) -> list[Post]:
    """A post for each text, and one that repeats each quoted page."""
    rng = Random(seed)
    dates = sorted(moment(rng, NEW_CRAWLS) for _ in range(len(texts) + len(quoted)))
    sources = [*((text, None) for text in texts), *((p.text, p.capture.record_id) for p in quoted)]
    return list(_posts(sources, dates))


def _posts(sources: Sequence[tuple[Text, str | None]], dates: Sequence[datetime]) -> Iterator[Post]:
    for number, ((text, dup_of), date) in enumerate(zip(sources, dates, strict=True)):
        kind = "forum_post" if dup_of is None else "forum_copy"
        origin = Origin(kind, text.label, text.language, dup_of)
        yield Post(f"https://forum.example/t/{number}", date, to_text(text.blocks), origin)


def jsonl_file(rows: Sequence[Post]) -> bytes:
    """The shard, with its broken lines at the end."""
    lines = [
        json.dumps(
            {"text": row.text, "url": row.url, "timestamp": f"{row.date:%Y-%m-%dT%H:%M:%SZ}"},
            ensure_ascii=False,
        )
        for row in rows
    ]
    return gzip.compress("".join(f"{line}\n" for line in [*lines, *BROKEN_LINES]).encode(), mtime=0)
