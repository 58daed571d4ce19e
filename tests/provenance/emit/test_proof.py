"""Proofs as files: what is none is refused in one line, whatever it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provenance.emit.canonical import canonical_json
from provenance.emit.leaves import LEAF_COLUMNS
from provenance.emit.merkle import hash_leaves, tree_root
from provenance.emit.proof import Proof
from provenance.errors import InputError

DOCUMENT: dict[str, Any] = dict.fromkeys(LEAF_COLUMNS) | {"url": "https://a.example/ü", "tier": 1}
ROOT = tree_root(hash_leaves([canonical_json(DOCUMENT).encode()])).hex()
PROOF: dict[str, Any] = {
    "version": "proof/1", "document": DOCUMENT, "index": 0, "size": 1, "path": [], "root": ROOT,
}  # fmt: skip


def test_a_proof_is_read_back_as_it_was_printed(tmp_path: Path) -> None:
    proof = Proof(DOCUMENT, 0, 1, (), ROOT)
    (tmp_path / "proof.json").write_text(proof.json())

    assert json.loads(proof.json()) == PROOF
    assert Proof.read(tmp_path / "proof.json") == proof
    assert proof.fault(ROOT) is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": "proof/2"}, {"extra": 1}, {"document": {}}, {"document": 1},
        {"document": DOCUMENT | {"url": {}}}, {"document": DOCUMENT | {"reasons": [1]}},
        {"index": "0"}, {"size": True}, {"path": "x"}, {"path": ["x"]}, {"root": ROOT.upper()},
        {"path": [None]},
    ],
)  # fmt: skip
def test_what_has_not_the_form_of_a_proof_is_refused(tmp_path: Path, change: Any) -> None:
    (tmp_path / "proof.json").write_text(json.dumps(PROOF | change))

    with pytest.raises(InputError, match="is no proof: "):
        Proof.read(tmp_path / "proof.json")


@pytest.mark.parametrize("text", ["", "{", "[" * 10**5, "9" * 10**4])
def test_what_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "proof.json").write_text(text)

    with pytest.raises(InputError, match="is no JSON"):
        Proof.read(tmp_path / "proof.json")


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf")])
def test_a_document_without_canonical_text_proves_nothing(value: Any) -> None:
    assert Proof(DOCUMENT | {"url": value}, 0, 1, (), ROOT).fault(ROOT) is not None
