"""The papers that travel with a dataset: manifest, tree, card."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provenance.emit import leaves
from provenance.emit.atomic import digest_file, write_text
from provenance.emit.card import dataset_card
from provenance.emit.manifest import describe_all, read_manifest, write_manifest
from provenance.emit.merkle import DIGEST_BYTES, sum_of_hashes, tree_root
from provenance.engines.spool import FOLDER as SPOOLED
from provenance.engines.store import Store

#: Keys of a plan that say how documents were read and scored; its slices name places on a disk.
_RECIPE = ("schema", "stages", "columns", "limits")


def publish(out: Path, manifest: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The manifest of the dataset at `out`, after writing every paper, and itself last.

    manifest: all but the digests. names: the files that stand already, besides copied inputs.
    """
    copied = [f"{SPOOLED}/{path.name}" for path in sorted((out / SPOOLED).glob("[!.]*"))]
    write_text(out / "README.md", dataset_card(manifest))
    write_manifest(out, {**manifest, "files": describe_all(out, [*names, *copied, "README.md"])})
    return read_manifest(out)


def tree_record(hashes: bytes) -> dict[str, Any]:
    """The Merkle tree over the leaf hashes of all decisions, as the manifest states it.

    sum: equal for the same leaves in another order. It helps to say what happened, and proves
    nothing.
    """
    return {
        "tree": "RFC 9162, SHA-256",
        "leaf": leaves.VERSION,
        "size": len(hashes) // DIGEST_BYTES,
        "root": tree_root(hashes).hex(),
        "sum": sum_of_hashes(hashes).hex(),
    }


def scoring_record(store: Store, totals: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """What was read and how it was scored, without a path of this machine."""
    plan = json.loads(store.plan_path.read_text(encoding="utf-8"))
    return {
        "plan": {name: plan[name] for name in _RECIPE},
        "input": {name: totals[name] for name in ("files", "skipped_files", "versions")},
        "scored": {
            "path": Path(os.path.relpath(store.root, out)).as_posix(),
            "sha256": digest_file(store.done_path),
        },
    }
