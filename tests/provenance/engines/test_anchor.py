"""Anchors are built by the engine: resumable, the same for any workers, added to and merged."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from crawls import Page, contents, prose, write_warc

import provenance
from provenance.engines import anchor as engine
from provenance.errors import InputError, OutputError


def early(first: int, n: int) -> list[Page]:
    return [
        Page(f"https://early.example/{i}", prose(i), f"20{10 + i % 9}-03-01T00:00:00Z")
        for i in range(first, first + n)
    ]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write_warc(tmp_path / "archive" / "a.warc.gz", early(0, 8))
    write_warc(tmp_path / "archive" / "b.warc.gz", [*early(8, 8), *early(2, 1)])
    return tmp_path / "archive"


def test_an_anchor_says_what_it_holds(archive: Path, tmp_path: Path) -> None:
    facts = provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1).facts

    assert {name: facts[name] for name in ("n_records", "n_documents", "n_texts", "segments")} == {
        "n_records": 17, "n_documents": 17, "n_texts": 16, "segments": 1,
    }  # fmt: skip
    assert (facts["earliest"][:10], facts["latest"][:10]) == ("2010-03-01", "2018-03-01")
    assert facts["digest"] == provenance.anchor_info(tmp_path / "A").facts["digest"]
    assert not (tmp_path / "A" / ".build").exists()


def test_an_anchor_holds_no_text(archive: Path, tmp_path: Path) -> None:
    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)

    (table,) = (tmp_path / "A").rglob("documents.parquet")
    assert pq.read_schema(table).names == [
        "doc_id", "source_uri", "source_pos", "record_id", "url", "captured_at",
    ]  # fmt: skip


def test_workers_and_batches_leave_no_trace_in_the_bytes(archive: Path, tmp_path: Path) -> None:
    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1, slice_bytes=1000)

    provenance.anchor_build(
        [str(archive)], out=tmp_path / "B", workers=2, batch_size=3, slice_bytes=1000
    )

    assert contents(tmp_path / "A") == contents(tmp_path / "B")


def test_an_interrupted_build_goes_on(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(engine, "write_segment", fail)
        with pytest.raises(KeyboardInterrupt):
            provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)
    with pytest.raises(InputError, match="no anchor is here"):
        provenance.anchor_info(tmp_path / "A")

    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)

    provenance.anchor_build([str(archive)], out=tmp_path / "B", workers=1)
    assert contents(tmp_path / "A") == contents(tmp_path / "B")


def test_building_again_changes_nothing_and_building_something_else_is_refused(
    archive: Path, tmp_path: Path
) -> None:
    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)
    before = contents(tmp_path / "A")

    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)
    with pytest.raises(OutputError, match="another request"):
        provenance.anchor_build([str(archive / "a.warc.gz")], out=tmp_path / "A", workers=1)

    assert contents(tmp_path / "A") == before


def test_adding_and_merging_give_the_same_anchor(archive: Path, tmp_path: Path) -> None:
    one, other = str(archive / "a.warc.gz"), str(archive / "b.warc.gz")
    provenance.anchor_build([one], out=tmp_path / "A", workers=1)
    provenance.anchor_build([other], out=tmp_path / "B", workers=1)

    merged = provenance.anchor_merge([tmp_path / "A", tmp_path / "B"], out=tmp_path / "C")
    added = provenance.anchor_add(tmp_path / "A", [other], workers=1)
    again = provenance.anchor_add(tmp_path / "A", [other], workers=1)

    assert merged.facts == added.facts == again.facts
    assert merged.facts["segments"] == 2
    assert contents(tmp_path / "A") == contents(tmp_path / "C")


def test_documents_without_a_date_are_counted(tmp_path: Path) -> None:
    rows = [{"text": prose(1), "date": "2015-01-01"}, {"text": prose(2)}]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    result = provenance.anchor_build([str(tmp_path / "rows.jsonl")], out=tmp_path / "A", workers=1)

    assert result.facts["n_undated"] == 1
    assert "1 document without a capture date: no date to lend" in result.text().splitlines()


def test_archives_without_text_are_refused(tmp_path: Path) -> None:
    gone = [Page("https://early.example/gone", "Gone.", status="404 Not Found")]
    write_warc(tmp_path / "archive" / "a.warc.gz", gone)

    with pytest.raises(InputError, match="0 documents were read, none with text"):
        provenance.anchor_build([str(tmp_path / "archive")], out=tmp_path / "A", workers=1)


def test_a_changed_anchor_is_refused(archive: Path, tmp_path: Path) -> None:
    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)
    (path,) = (tmp_path / "A").rglob("segment.json")
    facts = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**facts, "n_texts": 15}), encoding="utf-8")

    with pytest.raises(InputError, match="was changed"):
        provenance.anchor_info(tmp_path / "A")


def test_a_query_names_the_archived_documents(archive: Path, tmp_path: Path) -> None:
    provenance.anchor_build([str(archive)], out=tmp_path / "A", workers=1)

    copy, quote, nothing = provenance.anchor_query(
        tmp_path / "A", [prose(3), f"{prose(3)} {prose(500, n_words=400)}", prose(501)]
    )

    assert [(m.url, m.is_exact, m.is_covered) for m in copy] == [
        ("https://early.example/3", True, True)
    ]
    assert [(m.url, m.is_covered) for m in quote] == [("https://early.example/3", False)]
    assert nothing == []
