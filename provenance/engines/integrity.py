"""Whether a dataset is what its manifest says; what is not, by name.

Nothing is trusted but what was given from elsewhere: a public key, or a root. Without either, a
manifest that was rewritten together with all its digests cannot be told from the original; what
is verified then is that the dataset agrees with itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.atomic import digest_file
from provenance.emit.manifest import (
    DIGEST_NAME,
    NAME,
    digest_doc_ids,
    digest_line,
    require_manifest,
)
from provenance.emit.merkle import sum_of_hashes, tree_root
from provenance.emit.parquet import ROW_GROUP_ROWS
from provenance.emit.signature import ENVELOPE_NAME, LIMIT_BYTES, key_id, open_envelope
from provenance.engines.finding import Finding
from provenance.engines.prove import read_hashes
from provenance.engines.reconcile import DATA_READ, DECISIONS_READ, reconcile
from provenance.engines.store import stored_files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DECISIONS_NAME = "decisions.parquet"
#: Files of a dataset that its manifest cannot list.
_BESIDE = (NAME, DIGEST_NAME, ENVELOPE_NAME)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared. root: the Merkle root that the manifest states. signature: a sentence."""

    findings: tuple[Finding, ...]
    files: int
    decisions: int
    root: str
    signature: str


def check_dataset(out: Path, *, key: Ed25519PublicKey | None = None) -> Checked:
    """Everything wrong with the dataset at `out`. Raises InputError when none is there.

    key: whose signature the manifest must carry; None asks for none.
    """
    require_manifest(out)
    data = (out / NAME).read_bytes()
    manifest = _parsed(data)
    if manifest is None:
        finding = Finding(NAME, "edited_manifest", "it is no manifest that can be read")
        return Checked((finding,), 0, 0, "", "not checked")
    root, size = manifest["merkle"]["root"], manifest["merkle"]["size"]
    signature, unsigned = _signature(out, hashlib.sha256(data).hexdigest(), root, key)
    findings = [*_digest(out, data), *unsigned, *_files(out, manifest), *_rows(out, manifest)]
    return Checked(tuple(findings), len(manifest["files"]), size, root, signature)


def _parsed(data: bytes) -> dict[str, Any] | None:
    """The manifest; None when it cannot be read, or lacks what the checks read."""
    try:
        manifest: dict[str, Any] = json.loads(data)
        fine = (
            all(_is_inside(name) for name in manifest["files"])
            and all(isinstance(one["sha256"], str) for one in manifest["files"].values())
            and all(isinstance(manifest["merkle"][name], str) for name in ("root", "sum"))
            and isinstance(manifest["merkle"]["size"], int)
            and isinstance(manifest["summary"], dict)
            and all(isinstance(manifest["scored"][name], str) for name in ("path", "sha256"))
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return manifest if fine else None


def _is_inside(name: str) -> bool:
    """Whether a name stays below the folder it is relative to."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _digest(out: Path, data: bytes) -> Iterator[Finding]:
    path, digest = out / DIGEST_NAME, hashlib.sha256(data).hexdigest()
    if not path.is_file():
        yield Finding(DIGEST_NAME, "missing_file", "the digest of the manifest is not there")
    elif path.read_bytes() != digest_line(digest).encode():
        what = f"{DIGEST_NAME} does not hold the SHA-256 of {NAME}, which is {digest}"
        yield Finding(NAME, "edited_manifest", what)


def _signature(
    out: Path, manifest_sha256: str, root: str, key: Ed25519PublicKey | None
) -> tuple[str, list[Finding]]:
    """How the dataset is signed, in words, and what is wrong with that."""
    path = out / ENVELOPE_NAME
    if not path.is_file():
        missing = [Finding(ENVELOPE_NAME, "unsigned", "there is no signature to check")]
        return "unsigned", missing if key else []
    try:
        with path.open("rb") as file:
            signed = open_envelope(file.read(LIMIT_BYTES))
    except ValueError as error:
        return "not readable", [Finding(ENVELOPE_NAME, "bad_signature", str(error))]
    signers = ", ".join(name for name, _ in signed.signatures)
    if not signed.covers(manifest_sha256, root):
        what = f"it covers another manifest than that of SHA-256 {manifest_sha256}"
        return f"of key {signers}", [Finding(ENVELOPE_NAME, "bad_signature", what)]
    if key is None:
        return f"of key {signers}, not checked: no key was given", []
    if signed.is_signed_by(key):
        return f"of key {key_id(key)}, checked", []
    code = "bad_signature" if key_id(key) in signers else "wrong_key"
    what = f"signed with {signers}; the key given is {key_id(key)}"
    return f"of key {signers}", [Finding(ENVELOPE_NAME, code, what)]


def _files(out: Path, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Files that are missing, changed or new, those of a scored store in the dataset included."""
    files: dict[str, Any] = dict(manifest["files"])
    yield from _listed(out, files)
    scored = manifest["scored"]
    if _is_inside(scored["path"]) and (out / scored["path"]).is_dir():
        stored = stored_files(out / scored["path"], scored["sha256"])
        files |= {f"{scored['path']}/{name}": digest for name, digest in stored.items()}
        yield from _listed(out, {name: files[name] for name in files.keys() - manifest["files"]})
    for name in sorted(_present(out) - files.keys() - set(_BESIDE)):
        yield Finding(name, "added_file", "the manifest does not list it")


def _present(out: Path) -> set[str]:
    """Every file below `out`, but for what is hidden."""
    names = (path.relative_to(out) for path in out.rglob("*") if path.is_file())
    return {n.as_posix() for n in names if not any(part.startswith(".") for part in n.parts)}


def _listed(out: Path, files: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for name in sorted(files):
        path, stated = out / name, files[name]
        if not path.is_file():
            yield Finding(name, "missing_file", "it is not there")
        elif (digest := digest_file(path)) != stated["sha256"]:
            code, what = _difference(path, stated)
            yield Finding(name, code, f"{what}; SHA-256 {digest}, not {stated['sha256']}")


def _difference(path: Path, stated: Mapping[str, Any]) -> tuple[str, str]:
    """What happened to a file with another digest."""
    if not {"doc_ids", "rows"} <= stated.keys():
        return "changed_file", "its bytes are others"
    try:
        with pq.ParquetFile(path) as file:
            rows, doc_ids = file.metadata.num_rows, digest_doc_ids(file)
    except (OSError, ValueError, pa.ArrowException, KeyError):
        return "changed_file", "it can no longer be read"
    if rows != stated["rows"]:
        return "changed_file", f"it holds {rows} documents instead of {stated['rows']}"
    if doc_ids == stated["doc_ids"]:
        return "changed_file", "the same documents in the same order, with other bytes"
    if doc_ids["sum"] == stated["doc_ids"].get("sum"):
        return "reordered_rows", "it holds the same documents in another order"
    return "changed_file", "it holds other documents"


def _rows(out: Path, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """What the rows of decisions and data say against the manifest and against each other."""
    decisions = out / DECISIONS_NAME
    data = [out / name for name in sorted(manifest["files"]) if name.startswith("data/")]
    readable = [path for path in data if _holds(path, DATA_READ)]
    for path in data:
        if path.is_file() and path not in readable:
            yield Finding(f"data/{path.name}", "changed_file", "no documents can be read from it")
    if _holds(decisions, DECISIONS_READ):
        yield from _tree(decisions, manifest["merkle"])
        yield from reconcile(decisions, readable, manifest["summary"])
    elif decisions.is_file():
        yield Finding(DECISIONS_NAME, "other_decisions", "no decisions can be read from it")


def _holds(path: Path, columns: Iterable[str]) -> bool:
    """Whether the Parquet file has these columns of the contract, and every value can be read."""
    wanted = contract.schema(columns)
    try:
        with pq.ParquetFile(path) as file:
            for field in wanted:
                if file.schema_arrow.field(field.name).type != field.type:
                    return False
            for _ in file.iter_batches(ROW_GROUP_ROWS, columns=wanted.names):
                pass
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return False
    return True


def _tree(decisions: Path, stated: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        hashes = read_hashes(decisions)
    except (ValueError, KeyError, pa.ArrowException) as error:
        yield Finding(DECISIONS_NAME, "other_decisions", f"they cannot be hashed: {error}")
        return
    root = tree_root(hashes).hex()
    if root == stated["root"]:
        return
    same = sum_of_hashes(hashes).hex() == stated["sum"]
    code = "reordered_rows" if same else "other_decisions"
    yield Finding(DECISIONS_NAME, code, f"Merkle root {root}, not {stated['root']}")
