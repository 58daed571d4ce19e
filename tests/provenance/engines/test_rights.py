"""Rights through a whole run: files for a whole site reach its pages, and policies see it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from crawls import Page, prose, write_warc

import provenance

ROBOTS = "User-agent: GPTBot\nDisallow: /closed/\n"


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """A site that closes a part of itself to AI crawlers, its robots.txt in another shard."""
    pages = [
        Page("https://a.example/closed/1", prose(1)),
        Page("https://a.example/open/2", prose(2)),
        Page("https://b.example/closed/3", prose(3)),
    ]
    robots = [Page("https://a.example/robots.txt", ROBOTS, media_type="text/plain")]
    write_warc(tmp_path / "crawl" / "a.warc.gz", pages)
    write_warc(tmp_path / "crawl" / "b.warc.gz", robots)
    return tmp_path / "crawl"


def stances(out: Path) -> dict[str, str]:
    table = pq.read_table(out / "decisions.parquet", columns=["url", "train_ai"])
    return {row["url"]: row["train_ai"] for row in table.to_pylist()}


def test_a_robots_file_reaches_the_pages_of_its_site(crawl: Path, tmp_path: Path) -> None:
    result = provenance.clean([str(crawl)], out=tmp_path / "out", workers=2)

    assert stances(tmp_path / "out") == {
        "https://a.example/closed/1": "denied",
        "https://a.example/open/2": "unspecified",
        "https://b.example/closed/3": "unspecified",
    }
    summary = result.manifest["summary"]
    assert summary["rejects"] == {"robots_txt": 1}
    counted = [(row["train_ai"], row["documents"]) for row in summary["train_ai"]]
    assert counted == [("denied", 1), ("unspecified", 2)]
    (found,) = provenance.explain(tmp_path / "out", "https://a.example/closed/1")
    assert "  may train AI: denied: robots.txt (denied)" in found.text().splitlines()


def test_nothing_is_dropped_for_it_unless_the_policy_says_so(crawl: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: 1\ndrop:\n  - {when: \"train_ai = 'denied'\", reason: rights_reserved}\n",
        encoding="utf-8",
    )

    strict = provenance.clean([str(crawl)], out=tmp_path / "strict", policy=policy, workers=1)
    default = provenance.clean([str(crawl)], out=tmp_path / "default", workers=1)

    assert {row["reason"] for row in strict.manifest["summary"]["dropped"]} == {"rights_reserved"}
    assert "rights_reserved" not in str(default.manifest["summary"]["dropped"])
