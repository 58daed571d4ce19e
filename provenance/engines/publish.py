"""The papers that travel with a dataset: attribution, card, Croissant, tree, manifest."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from provenance.emit import attribution, croissant, leaves
from provenance.emit.atomic import digest_file, replacing, write_json, write_text
from provenance.emit.card import dataset_card
from provenance.emit.dataset import data_schema
from provenance.emit.manifest import describe_all, read_manifest, write_manifest
from provenance.emit.merkle import DIGEST_BYTES, sum_of_hashes, tree_root
from provenance.emit.parquet import PartWriter
from provenance.engines.spool import FOLDER as SPOOLED
from provenance.engines.store import Store
from provenance.policy.model import Policy

ATTRIBUTION = ("attribution.parquet", "attribution.json")
#: Keys of a plan that say how documents were read and scored; its slices name places on a disk.
_RECIPE = ("schema", "columns", "limits")


def publish(
    out: Path,
    manifest: dict[str, Any],
    names: Sequence[str],
    *,
    hosts: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The manifest of the dataset at `out`, after writing every paper, and itself last.

    manifest: all but the digests. names: the files that stand already, besides copied inputs.
    hosts: what each host contributes, for `attribution.shares`.
    """
    copied = [f"{SPOOLED}/{path.name}" for path in sorted((out / SPOOLED).glob("[!.]*"))]
    _write_attribution(out, hosts, manifest["policy"]["prices"])
    files = describe_all(out, [*names, *copied, *ATTRIBUTION])
    schema = data_schema([view["column"] for view in manifest["views"]], _detectors(manifest))
    write_text(out / "README.md", dataset_card(manifest))
    write_json(out / croissant.NAME, croissant.croissant(manifest, schema, files))
    files |= describe_all(out, ["README.md", croissant.NAME])
    write_manifest(out, {**manifest, "files": files})
    return read_manifest(out)


def _write_attribution(
    out: Path, hosts: Sequence[Mapping[str, Any]], prices: Mapping[str, Any] | None
) -> None:
    given = attribution.shares(hosts, prices)
    path = out / ATTRIBUTION[0]
    with replacing(path) as place, PartWriter(str(place), attribution.TABLE) as writer:
        for batch in attribution.table(given).to_batches():
            writer.write(batch)
    write_json(out / ATTRIBUTION[1], attribution.summary(given, prices))


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
        "plan": {
            **{name: plan[name] for name in _RECIPE},
            "stages": [_stage_record(stage) for stage in plan["stages"]],
        },
        "input": {
            "files": totals["files"],
            "skipped_files": totals["skipped_files"],
            "versions": totals["versions"],
            "digests": totals["inputs"],
        },
        "scored": {
            "path": Path(os.path.relpath(store.root, out)).as_posix(),
            "sha256": digest_file(store.done_path),
        },
    }


def policy_record(policy: Policy) -> dict[str, Any]:
    """The policy as JSON values; of files the name alone (request and plan have their digests)."""
    value = policy.model_dump(mode="json")
    return {
        **value,
        "sources": _file_name(value["sources"]),
        "detectors": _without_places(value["detectors"]),
    }


def _stage_record(stage: Mapping[str, Any]) -> dict[str, Any]:
    """A stage of a plan, paths among its parameters cut to the file's name."""
    parameters = {name: _file_name(value) for name, value in stage["parameters"].items()}
    return {"name": stage["name"], "parameters": _without_places(parameters)}


def _detectors(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the detectors that scored, in the order of their columns."""
    stages = {stage["name"]: stage["parameters"] for stage in manifest["plan"]["stages"]}
    return [one["name"] for one in stages["detect"]["facts"]["detectors"]]


def _without_places(value: Any) -> Any:
    """JSON values with every absolute path in them, keys included, cut to the file's name."""
    if isinstance(value, Mapping):
        return {_without_places(name): _without_places(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without_places(one) for one in value]
    is_place = isinstance(value, str) and PurePath(value).is_absolute()
    return PurePath(value).name if is_place else value


def _file_name(value: Any) -> Any:
    return PurePath(value).name if isinstance(value, str) else value
