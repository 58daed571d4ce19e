"""Every input file is in the manifest by name and digest, and by no place on a disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawls import Page, prose, write_warc

import provenance


def digests(out: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((out / "manifest.json").read_text())
    return {one.pop("name"): one for one in manifest["input"]["digests"]}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """An archive, JSON lines plain and compressed by nothing, Parquet of four row groups."""
    folder = tmp_path / "in"
    write_warc(folder / "a.warc.gz", [Page(f"https://a.example/{i}", prose(i)) for i in range(9)])
    lines = [json.dumps({"text": prose(20 + i), "url": f"https://b.example/{i}"}) for i in range(9)]
    (folder / "b.jsonl").write_text("\n".join(lines))
    table = pa.table({"text": [prose(40 + i) for i in range(8)]})
    pq.write_table(table, folder / "c.parquet", row_group_size=2)
    (folder / "notes.xyz").write_text("no crawl")
    return folder


def test_a_file_read_in_one_piece_has_its_sha256(inputs: Path, tmp_path: Path) -> None:
    provenance.clean([inputs], out=tmp_path / "out", workers=1)

    assert digests(tmp_path / "out") == {
        name: {"bytes": len(data), "sha256": sha256(data)}
        for name in ("a.warc.gz", "b.jsonl", "c.parquet")
        for data in [(inputs / name).read_bytes()]
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_read_in_parts_has_the_digest_of_their_digests(
    inputs: Path, tmp_path: Path, workers: int
) -> None:
    provenance.clean([inputs], out=tmp_path / "out", workers=workers, slice_bytes=900)

    found = digests(tmp_path / "out")
    parts: dict[str, list[Any]] = {name: [] for name in found}
    for path in sorted((tmp_path / "out" / "scored" / "slices").iterdir()):
        manifest = json.loads(path.read_text())
        parts[manifest["name"]].append(manifest["input"])
    for name, described in found.items():
        data = (inputs / name).read_bytes()
        assert [part["start"] for part in parts[name]] == [0, *(p["end"] for p in parts[name][:-1])]
        assert all(p["sha256"] == sha256(data[p["start"] : p["end"]]) for p in parts[name])
        joined = b"".join(bytes.fromhex(part["sha256"]) for part in parts[name])
        assert described == {
            "bytes": len(data), "parts": len(parts[name]), "sha256_of_parts": sha256(joined),
        }  # fmt: skip
        assert len(parts[name]) > 1


def test_one_other_byte_is_another_digest(inputs: Path, tmp_path: Path) -> None:
    provenance.clean([inputs], out=tmp_path / "one", workers=1)
    data = (inputs / "b.jsonl").read_bytes()
    (inputs / "b.jsonl").write_bytes(data.replace(b'"url"', b'"urk"', 1))

    provenance.clean([inputs], out=tmp_path / "two", workers=1)

    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} == {"b.jsonl"}


def test_the_models_are_named_by_their_digests(inputs: Path, tmp_path: Path) -> None:
    from detectors.classifier.linear import LinearDetector
    from provenance.text import novelty

    provenance.clean([inputs / "b.jsonl"], out=tmp_path / "out", workers=1)

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    (facts,) = [stage["parameters"]["facts"] for stage in manifest["plan"]["stages"]
                if stage["name"] == "detect"]  # fmt: skip
    fingerprints = {one["name"]: one["fingerprint"] for one in facts["detectors"]}
    assert fingerprints["linear"]["weights"] == LinearDetector().fingerprint.weights
    versions = manifest["input"]["versions"]
    # lid.176.ftz as fastText publishes it.
    assert versions["language model"].startswith("8f3472cf")
    assert versions["word pairs"] == novelty.reference_digest()


def test_no_place_on_the_disk_is_in_the_manifest(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text("site,class\nb.example,partner\n")
    (tmp_path / "policy.yaml").write_text(f"version: 1\nsources: {tmp_path}/sources.csv\n")

    provenance.clean([inputs], out=tmp_path / "out", policy=tmp_path / "policy.yaml", workers=1)

    text = (tmp_path / "out" / "manifest.json").read_text()
    assert json.loads(text)["policy"]["sources"] == "sources.csv"
    assert json.loads(text)["input"]["skipped_files"] == ["notes.xyz: of no known format"]
    assert str(tmp_path) not in text
