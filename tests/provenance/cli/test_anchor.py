"""`provenance anchor`: one command, one call, the same words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from crawls import Page, prose, write_warc

from provenance.cli.main import cli


@pytest.fixture
def anchor(tmp_path: Path) -> str:
    pages = [Page("https://early.example/1", prose(1), "2012-01-01T00:00:00Z")]
    write_warc(tmp_path / "archive" / "a.warc.gz", pages)
    out = str(tmp_path / "A")
    given = ["anchor", "build", str(tmp_path / "archive"), "--out", out, "--workers", "1"]
    result = CliRunner().invoke(cli, given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out


def run(*arguments: str, given: str | None = None) -> str:
    result = CliRunner().invoke(cli, ["anchor", *arguments], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_info_prints_what_it_holds(anchor: str) -> None:
    digest = json.loads(run("info", anchor, "--json"))["digest"]

    lines = run("info", anchor).splitlines()

    assert lines[0] == "1 document with 1 distinct text in 1 segment"
    assert lines[1] == "captured from 2012-01-01 to 2012-01-01"
    assert lines[2].endswith(f"MiB on disk, digest {digest}")


def test_query_reads_a_file_or_a_text(anchor: str, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(prose(1), encoding="utf-8")
    expected = "100% of it is in https://early.example/1 of 2012-01-01, which dates it\n"

    assert run("query", anchor, str(tmp_path / "page.txt")) == expected
    assert run("query", anchor, "--text", prose(1)) == expected
    assert run("query", anchor, "-", given=prose(1)) == expected
    assert run("query", anchor, "--text", prose(2)) == "nothing of this text is in the anchor\n"


def test_query_wants_one_text(anchor: str) -> None:
    result = CliRunner().invoke(cli, ["anchor", "query", anchor])

    assert result.exit_code == 2
    assert "give FILE or --text" in result.output


def test_add_and_merge_print_the_result(anchor: str, tmp_path: Path) -> None:
    write_warc(tmp_path / "more" / "b.warc.gz", [Page("https://b.example/", prose(2))])

    added = run("add", anchor, str(tmp_path / "more"), "--workers", "1")
    merged = run("merge", anchor, "--out", str(tmp_path / "B"))

    first = "2 documents with 2 distinct texts in 2 segments"
    assert added.splitlines()[0] == merged.splitlines()[0] == first
