"""Content credentials reach the evidence of a run; whom to trust is part of its plan."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawls import Page, prose, write_warc

import provenance
from provenance.cli.main import main
from provenance.errors import InputError, OutputError

pytest.importorskip("c2pa")
pytest.importorskip("cryptography")

from signing import HUMAN, new_signer, sign_text

PRESS = new_signer("Test Press")


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """A signed page, a tampered one and one without a mark."""
    signed = sign_text(prose(1), PRESS, HUMAN)
    texts = (signed, signed.replace(".", "!", 1), prose(2))
    pages = [Page(f"https://site.example/{n}", text) for n, text in enumerate(texts)]
    write_warc(tmp_path / "crawl" / "one.warc.gz", pages)
    return tmp_path / "crawl"


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    path = tmp_path / "anchors.pem"
    path.write_text(PRESS.anchor)
    return path


def evidence(scored: Path) -> list[list[tuple[str, str, str]]]:
    """Credential facts of each document: kind, polarity, strength."""
    rows = pq.read_table(scored / "documents").sort_by("url").column("evidence").to_pylist()
    return [
        [(fact["kind"], fact["polarity"], fact["strength"]) for fact in facts
         if fact["kind"].startswith("credential")]
        for facts in rows
    ]  # fmt: skip


def test_a_credential_is_evidence_and_no_part_of_the_text(
    tmp_path: Path, crawl: Path, anchors: Path
) -> None:
    provenance.score(crawl, out=tmp_path / "scored", trust_anchors=str(anchors), workers=1)

    assert evidence(tmp_path / "scored") == [
        [("credential_valid", "human", "decisive")],
        [("credential_not_checkable", "neutral", "weak")],
        [],
    ]
    texts = pq.read_table(tmp_path / "scored" / "documents").sort_by("url").column("text")
    assert texts.to_pylist() == [prose(1), prose(1).replace(".", "!", 1), prose(2)]


def test_without_anchors_a_stranger_signed(tmp_path: Path, crawl: Path) -> None:
    provenance.score(crawl, out=tmp_path / "scored", workers=1)

    assert evidence(tmp_path / "scored")[0] == [("credential_valid", "human", "weak")]


def test_other_anchors_are_another_run(tmp_path: Path, crawl: Path, anchors: Path) -> None:
    provenance.score(crawl, out=tmp_path / "scored", trust_anchors=str(anchors), workers=1)
    plan = json.loads((tmp_path / "scored" / "plan.json").read_text())

    anchors.write_text(new_signer("Other Press").anchor)

    assert plan["stages"][0]["parameters"]["trust_anchors"] == PRESS.anchor
    with pytest.raises(OutputError, match="another request"):
        provenance.score(crawl, out=tmp_path / "scored", trust_anchors=str(anchors), workers=1)


def test_a_file_without_certificates_is_refused_before_anything_is_written(
    tmp_path: Path, crawl: Path, anchors: Path
) -> None:
    anchors.write_text("trust me")

    with pytest.raises(InputError, match="holds no certificate"):
        provenance.score(crawl, out=tmp_path / "scored", trust_anchors=str(anchors))

    assert not (tmp_path / "scored").exists()


def test_the_command_refuses_a_file_that_is_not_there(
    tmp_path: Path, crawl: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    arguments = ["provenance", "clean", str(crawl), "--out", out, "--trust-anchors", "nowhere"]
    monkeypatch.setattr("sys.argv", arguments)

    with pytest.raises(SystemExit, match="2"):
        main()

    assert "trust_anchors: 'nowhere' cannot be read" in capsys.readouterr().err


def test_a_stream_of_batches_takes_anchors_too(anchors: Path) -> None:
    table = pa.table({"text": [sign_text(prose(1), PRESS), prose(2)]})

    (batch,) = provenance.score(table, trust_anchors=str(anchors))

    kinds = [[fact["kind"] for fact in row] for row in batch.column("evidence").to_pylist()]
    assert kinds == [["hidden_zero_width", "hidden_variation_selectors", "credential_valid"], []]
