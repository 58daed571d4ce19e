"""What a crawler brought home: one address at one moment, with what is true of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

CRAWL_DAYS = 12


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl of the invented crawler, named like Common Crawl's by year and week."""

    name: str
    start: datetime

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=CRAWL_DAYS)

    def holds(self, date: datetime) -> bool:
        return self.start <= date <= self.end


OLD_CRAWLS = (
    Crawl("2018-30", datetime(2018, 7, 16, tzinfo=UTC)),
    Crawl("2021-17", datetime(2021, 4, 10, tzinfo=UTC)),
)
NEW_CRAWLS = (
    Crawl("2023-40", datetime(2023, 9, 21, tzinfo=UTC)),
    Crawl("2025-05", datetime(2025, 1, 12, tzinfo=UTC)),
)
CRAWLS = OLD_CRAWLS + NEW_CRAWLS


@dataclass(frozen=True, slots=True)
class Origin:
    """What is true of a capture: the columns of the truth file that no crawler knows."""

    kind: str
    label: str | None = None
    language: str | None = None
    dup_of: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One response, or a revisit when `refers_to` is set.

    `headers` are those that differ from a plain page's; `truncated` is the reason to record in
    WARC-Truncated.
    """

    url: str
    date: datetime
    origin: Origin
    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    truncated: str | None = None
    refers_to: Capture | None = None

    @property
    def record_id(self) -> str:
        return record_id("response", self.url, date=self.date)

    @property
    def crawl(self) -> Crawl:
        return next(crawl for crawl in CRAWLS if crawl.holds(self.date))


def record_id(record_type: str, name: str, *, date: datetime) -> str:
    """A WARC-Record-ID that depends on nothing but what it names."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{record_type} {name} {date}')}>"


def moment(rng: Random, crawls: Sequence[Crawl], *, after: datetime | None = None) -> datetime:
    """A whole second within one of `crawls`, later than `after`.

    Without `after` never the last second, so that a copy always finds a later moment.
    """
    crawl = rng.choice([crawl for crawl in crawls if after is None or crawl.end > after])
    start = crawl.start if after is None else max(crawl.start, after)
    seconds_left = int((crawl.end - start).total_seconds())
    return start + timedelta(seconds=rng.randrange(1, max(2, seconds_left)))
