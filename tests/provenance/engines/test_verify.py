"""What verify finds: every file, row, count and signature that is not as it was written."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawls import Page, prose, write_warc

import provenance
from provenance.emit.manifest import describe_all, write_manifest
from provenance.engines.verify import Verification
from provenance.errors import InputError

POLICY = """\
version: 1
drop:
  - {when: "n_chars < 200", reason: too_short}
  - {when: "not is_keeper", reason: duplicate}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of three shards, its scored store inside."""
    root = tmp_path_factory.mktemp("made")
    (root / "policy.yaml").write_text(POLICY)
    for shard in "abc":
        pages = [Page(f"https://{shard}.example/{i}", prose(ord(shard) + 7 * i)) for i in range(5)]
        short = Page(f"https://{shard}.example/short", "Too short.")
        write_warc(root / "crawl" / f"{shard}.warc.gz", [*pages, short])
    provenance.clean([root / "crawl"], out=root / "out", policy=root / "policy.yaml", workers=1)
    return root / "out"


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy that may be broken."""
    return Path(shutil.copytree(made, tmp_path / "out"))


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """A private key and its public key."""
    return new_keys(tmp_path, "mine")


def new_keys(folder: Path, name: str) -> tuple[Path, Path]:
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    key = Ed25519PrivateKey.generate()
    private.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
    public.write_bytes(
        key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def found(result: Verification) -> set[tuple[str, str]]:
    return {(finding.where, finding.code) for finding in result.findings}


def files(out: Path) -> list[str]:
    return sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path)), path)


def swap_rows(table: pa.Table) -> pa.Table:
    order = [*range(table.num_rows)]
    order[0], order[2] = order[2], order[0]
    return table.take(order)


def swap_texts(table: pa.Table) -> pa.Table:
    texts = table.column("text").to_pylist()
    texts[0], texts[1] = texts[1], texts[0]
    return table.set_column(
        table.column_names.index("text"), "text", pa.array(texts, pa.large_string())
    )


def reseal(out: Path, change: Callable[[dict[str, Any]], object] = lambda manifest: None) -> None:
    """The forger's work: every digest in the folder computed anew."""
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"] = describe_all(out, manifest["files"])
    change(manifest)
    write_manifest(out, manifest)


def test_an_untouched_dataset_is_intact(made: Path) -> None:
    result = provenance.verify(made)

    assert (result.is_intact, found(result)) == (True, set())
    assert result.dataset is not None
    assert (result.dataset.decisions, result.dataset.signature) == (18, "unsigned")


def test_every_file_is_covered_and_one_flipped_bit_is_found_in_each(out: Path) -> None:
    rng = random.Random(0)
    names = files(out)
    missed = []
    for name in names:
        original = (out / name).read_bytes()
        broken = bytearray(original)
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        (out / name).write_bytes(broken)
        if not any(f.where == name for f in provenance.verify(out).findings) and (
            name != "manifest.sha256"  # names the manifest: one of the two was edited
            or provenance.verify(out).is_intact
        ):
            missed.append(name)
        (out / name).write_bytes(original)

    assert len(names) > 12
    assert missed == []


@pytest.mark.parametrize("name", ["decisions.parquet", "data/part-00001.parquet"])
def test_two_swapped_rows_are_named_as_such(out: Path, name: str) -> None:
    rewrite(out / name, swap_rows)

    assert found(provenance.verify(out)) == {(name, "reordered_rows")}


def test_swapped_decisions_are_found_even_when_every_digest_was_computed_anew(out: Path) -> None:
    rewrite(out / "decisions.parquet", swap_rows)
    reseal(out)

    assert found(provenance.verify(out)) == {("decisions.parquet", "reordered_rows")}


def test_an_edited_decision_is_not_what_the_root_stands_for(out: Path) -> None:
    def edit(table: pa.Table) -> pa.Table:
        tier = pa.array([1] * table.num_rows, pa.uint8())
        return table.set_column(table.column_names.index("tier"), "tier", tier)

    rewrite(out / "decisions.parquet", edit)
    reseal(out)

    assert found(provenance.verify(out)) >= {
        ("decisions.parquet", "other_decisions"),
        ("manifest.json", "other_counts"),
    }


def test_a_removed_shard_is_named_with_what_it_held(out: Path) -> None:
    (out / "data" / "part-00001.parquet").unlink()

    result = provenance.verify(out)

    assert found(result) == {
        ("data/part-00001.parquet", "missing_file"),
        ("data", "missing_documents"),
    }
    assert "5 documents are kept but in no data file" in result.text()


def test_a_shard_removed_from_the_manifest_too_is_still_missed(out: Path) -> None:
    (out / "data" / "part-00001.parquet").unlink()
    manifest = json.loads((out / "manifest.json").read_text())
    del manifest["files"]["data/part-00001.parquet"]
    write_manifest(out, manifest)

    assert found(provenance.verify(out)) == {("data", "missing_documents")}


def test_an_added_shard_is_named(out: Path) -> None:
    shutil.copy(out / "data" / "part-00001.parquet", out / "data" / "part-00009.parquet")

    assert found(provenance.verify(out)) == {("data/part-00009.parquet", "added_file")}


def test_an_added_shard_that_the_manifest_lists_holds_foreign_documents(out: Path) -> None:
    name = "data/part-00009.parquet"
    shutil.copy(out / "data" / "part-00001.parquet", out / name)
    reseal(out, lambda manifest: manifest["files"].update(describe_all(out, [name])))

    assert found(provenance.verify(out)) == {("data", "foreign_documents")}


def test_texts_that_changed_places_are_found_behind_new_digests(out: Path) -> None:
    rewrite(out / "data" / "part-00002.parquet", swap_texts)
    reseal(out)

    assert found(provenance.verify(out)) == {("data/part-00002.parquet", "other_text")}


@pytest.mark.parametrize(
    ("name", "value"), [("tier", 1), ("p_synthetic", 0.0), ("url", "https://z.example/")]
)
def test_rows_that_say_other_than_their_decision_are_found_behind_new_digests(
    out: Path, name: str, value: Any
) -> None:
    def edit(table: pa.Table) -> pa.Table:
        place, kind = table.column_names.index(name), table.schema.field(name).type
        return table.set_column(place, name, pa.array([value] * table.num_rows, kind))

    rewrite(out / "data" / "part-00002.parquet", edit)
    reseal(out)

    assert found(provenance.verify(out)) == {("data", "foreign_documents")}


@pytest.mark.parametrize("name", ["decisions.parquet", "data/part-00000.parquet"])
def test_junk_behind_a_new_digest_is_no_parquet(out: Path, name: str) -> None:
    manifest = json.loads((out / "manifest.json").read_text())
    (out / name).write_bytes(b"junk")
    manifest["files"][name] = {"sha256": hashlib.sha256(b"junk").hexdigest()}
    write_manifest(out, manifest)

    assert any(finding.where == name for finding in provenance.verify(out).findings)


def test_decisions_without_a_column_behind_new_digests_are_no_decisions(out: Path) -> None:
    rewrite(out / "decisions.parquet", lambda table: table.drop_columns(["train_ai"]))
    reseal(out)

    assert found(provenance.verify(out)) == {("decisions.parquet", "other_decisions")}


def test_an_edited_manifest_differs_from_its_digest(out: Path) -> None:
    path = out / "manifest.json"
    path.write_text(path.read_text().replace('"seed":0', '"seed":1'))

    assert found(provenance.verify(out)) == {("manifest.json", "edited_manifest")}


def test_edited_counts_differ_from_the_decisions(out: Path) -> None:
    reseal(out, lambda manifest: manifest["summary"].update(kept_documents=10**6))

    assert found(provenance.verify(out)) == {("manifest.json", "other_counts")}


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"files": 1}', "[" * 10**5, '{"files":{}}'])
def test_a_manifest_that_is_none_is_one_finding(out: Path, text: str) -> None:
    (out / "manifest.json").write_text(text)

    assert found(provenance.verify(out)) == {("manifest.json", "edited_manifest")}


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "data/../../x"])
def test_a_manifest_never_leads_out_of_the_dataset(out: Path, name: str) -> None:
    reseal(out, lambda manifest: manifest["files"].update({name: {"sha256": "0" * 64}}))

    assert found(provenance.verify(out)) == {("manifest.json", "edited_manifest")}


def test_a_rewritten_policy_is_found_only_by_a_signature(
    out: Path, keys: tuple[Path, Path]
) -> None:
    """Without a key the dataset agrees with itself: that is all that can be said."""
    provenance.sign(out, key=keys[0])
    reseal(out, lambda manifest: manifest["policy"].update(seed=1))
    shutil.copytree(out, out.with_name("unsigned"))
    (out.with_name("unsigned") / "manifest.dsse.json").unlink()

    assert found(provenance.verify(out, key=keys[1])) == {("manifest.dsse.json", "bad_signature")}
    assert found(provenance.verify(out)) == {("manifest.dsse.json", "bad_signature")}
    assert provenance.verify(out.with_name("unsigned")).is_intact


def test_a_rewritten_dataset_is_found_by_a_root_known_from_elsewhere(out: Path) -> None:
    root = json.loads((out / "manifest.json").read_text())["merkle"]["root"]
    other = root[:-1] + ("0" if root[-1] != "0" else "1")

    assert provenance.verify(out, root=root).is_intact
    assert found(provenance.verify(out, root=other)) == {("manifest.json", "edited_manifest")}


def test_the_right_key_verifies_and_another_is_named(
    out: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    provenance.sign(out, key=keys[0])
    _, other = new_keys(tmp_path, "other")

    right, wrong = provenance.verify(out, key=keys[1]), provenance.verify(out, key=other)

    assert right.is_intact
    assert "checked" in right.text()
    assert found(wrong) == {("manifest.dsse.json", "wrong_key")}


def test_a_key_asks_for_a_signature(out: Path, keys: tuple[Path, Path]) -> None:
    assert found(provenance.verify(out, key=keys[1])) == {("manifest.dsse.json", "unsigned")}


def test_without_a_key_a_signature_counts_as_unchecked(out: Path, keys: tuple[Path, Path]) -> None:
    provenance.sign(out, key=keys[0])

    result = provenance.verify(out)

    assert result.is_intact
    assert "not checked: no key was given" in result.text()


def test_a_proof_verifies_with_nothing_but_the_root(out: Path, tmp_path: Path) -> None:
    root = json.loads((out / "manifest.json").read_text())["merkle"]["root"]
    decisions = pq.read_table(out / "decisions.parquet").to_pylist()
    path = tmp_path / "proof.json"
    for row in decisions:
        path.write_text(provenance.prove(out, row["doc_id"].hex()).json())

        result = provenance.verify(proof=path, root=root)

        assert result.is_intact
        assert result.document is not None
        assert (result.document["url"], result.document["decision"]) == (
            row["url"],
            row["decision"],
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document", lambda d: {**d, "decision": "keep", "reasons": []}),
        ("document", lambda d: {**d, "p_synthetic": 0.5}),
        ("index", lambda i: i - 1),
        ("path", lambda p: [*p[:-1], "0" * 64]),
        ("path", lambda p: p[:-1]),
        ("path", lambda p: [*p, p[0]]),
    ],
)
def test_a_forged_proof_is_named(
    out: Path, tmp_path: Path, field: str, value: Callable[[Any], Any]
) -> None:
    proof = json.loads(provenance.prove(out, "https://b.example/short").json())
    proof[field] = value(proof[field])
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof))

    assert found(provenance.verify(proof=path, root=proof["root"])) == {(str(path), "forged_proof")}
    assert found(provenance.verify(out, proof=path)) == {(str(path), "forged_proof")}


def test_a_proof_of_another_dataset_is_named(out: Path, tmp_path: Path) -> None:
    """A forger's own tree proves anything, but not under the root of this dataset."""
    from provenance.emit.canonical import canonical_json
    from provenance.emit.merkle import hash_leaves, tree_root

    proof = json.loads(provenance.prove(out, "https://b.example/short").json())
    proof["document"]["decision"] = "keep"
    leaf = canonical_json(proof["document"]).encode()
    forged = {
        **proof,
        "index": 0,
        "size": 1,
        "path": [],
        "root": tree_root(hash_leaves([leaf])).hex(),
    }
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(forged))

    assert found(provenance.verify(out, proof=path)) == {(str(path), "forged_proof")}


def test_what_cannot_be_checked_is_asked_wrongly(out: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to check was given"):
        provenance.verify()
    with pytest.raises(InputError, match="a dataset; or --proof with --root"):
        provenance.verify(root="0" * 64)
    with pytest.raises(InputError, match="64 lower-case hex digits"):
        provenance.verify(out, root="xyz")
    with pytest.raises(InputError, match="no finished dataset is here"):
        provenance.verify(tmp_path)


def test_a_url_captured_twice_asks_for_a_doc_id(tmp_path: Path) -> None:
    pages = [Page("https://a.example/", prose(i), f"2024-0{i + 1}-01T00:00:00Z") for i in range(2)]
    write_warc(tmp_path / "a.warc.gz", pages)
    provenance.clean([tmp_path / "a.warc.gz"], out=tmp_path / "out", workers=1)

    with pytest.raises(InputError, match="2 documents have this address"):
        provenance.prove(tmp_path / "out", "https://a.example/")
    with pytest.raises(InputError, match="no document has this URL"):
        provenance.prove(tmp_path / "out", "https://b.example/")


def test_no_proof_is_given_for_decisions_that_are_not_the_manifests(out: Path) -> None:
    rewrite(out / "decisions.parquet", swap_rows)

    with pytest.raises(InputError, match="is not what the manifest says"):
        provenance.prove(out, "https://a.example/1")


def test_a_dataset_without_its_scored_store_is_whole(out: Path) -> None:
    shutil.rmtree(out / "scored")

    assert provenance.verify(out).is_intact


def test_inputs_that_were_copied_into_the_dataset_belong_to_it(tmp_path: Path) -> None:
    batch = pa.record_batch({"text": [prose(i) for i in range(3)]})
    provenance.clean([batch], out=tmp_path / "out", workers=1)

    intact = provenance.verify(tmp_path / "out").is_intact
    (tmp_path / "out" / "input" / "batches.parquet").write_bytes(b"other")

    assert intact
    assert ("input/batches.parquet", "changed_file") in found(provenance.verify(tmp_path / "out"))
