"""The manifest's own digest, and what it states of a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance.batch import DOC_ID
from provenance.emit.manifest import describe, read_manifest, write_manifest
from provenance.errors import InputError


def ids(values: list[int]) -> pa.Table:
    return pa.table({"doc_id": pa.array([v.to_bytes(16, "little") for v in values], DOC_ID)})


def test_the_digest_beside_it_is_what_sha256sum_reads(tmp_path: Path) -> None:
    write_manifest(tmp_path, {"b": 1.0, "a": "ü"})

    text = (tmp_path / "manifest.json").read_bytes()
    assert text == '{"a":"ü","b":1}'.encode()
    digest = hashlib.sha256(text).hexdigest()
    assert (tmp_path / "manifest.sha256").read_text() == f"{digest}  manifest.json\n"
    assert read_manifest(tmp_path) == {"a": "ü", "b": 1}


def test_a_file_is_described_by_size_and_digest(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"abc")

    assert describe(tmp_path / "README.md") == {
        "bytes": 3,
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }


def test_documents_are_described_in_order_and_without(tmp_path: Path) -> None:
    described = []
    for number, values in enumerate([[1, 2, 3], [3, 2, 1], [1, 2, 4]]):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(ids(values), path, row_group_size=2)
        described.append(describe(path))

    one, turned, other = described
    data = b"".join(v.to_bytes(16, "little") for v in (1, 2, 3))
    assert one["doc_ids"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert one["doc_ids"]["sha256"] != turned["doc_ids"]["sha256"]
    assert one["doc_ids"]["sum"] == turned["doc_ids"]["sum"] != other["doc_ids"]["sum"]
    assert one["rows"] == 3


def test_a_folder_without_a_manifest_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished dataset is here"):
        read_manifest(tmp_path)
