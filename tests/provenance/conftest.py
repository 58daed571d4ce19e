"""A small crawl for tests of whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from crawls import Page, prose, write_warc


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Two shards: early and late pages, a copy, a late mirror of an early page, an error."""
    early = [Page(f"https://old.example/{i}", prose(i), "2019-01-01T00:00:00Z") for i in range(12)]
    late = [Page(f"https://new.example/{i}", prose(100 + i)) for i in range(12)]
    extra = [
        Page("https://mirror.example/3", prose(3), "2024-06-01T00:00:00Z"),
        Page("https://new.example/0?utm_source=x", prose(100), "2024-07-01T00:00:00Z"),
        Page("https://new.example/short", "Too short."),
        Page("https://new.example/gone", "Gone.", status="404 Not Found"),
    ]
    write_warc(tmp_path / "crawl" / "a.warc.gz", early + late[:6])
    write_warc(tmp_path / "crawl" / "b.warc.gz", late[6:] + extra)
    return tmp_path / "crawl"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A policy without detection, so that results do not hang on the shipped weights."""
    path = tmp_path / "plain.yaml"
    path.write_text(
        "version: 1\n"
        "drop:\n"
        '  - {when: "n_chars < 200", reason: too_short}\n'
        '  - {when: "not is_keeper", reason: duplicate}\n',
        encoding="utf-8",
    )
    return path
