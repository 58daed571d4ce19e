"""The input files as a manifest states them: by name and digest, wherever they stood."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provenance.sources.slices import Slice


def input_records(
    slices: Sequence[Slice], manifests: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """One record per input file, in reading order, with its digest.

    A file read in one piece has its `sha256`. One read in several has `sha256_of_parts`: the
    SHA-256 of the parts' digests (32 bytes each) one after the other; the bounds of the parts stand
    in the slices' manifests, and depend on the slice size alone. A file of which not all was
    hashed (Parquet on a remote file system) has null.
    """
    both = zip(slices, manifests, strict=True)
    return [
        _record(name, [manifest["input"] for _, manifest in group])
        for (_, name), group in itertools.groupby(
            both, key=lambda pair: (pair[0].uri, pair[0].name)
        )
    ]


def _record(name: str, parts: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return {"name": name, "sha256": None}
    size = known[-1]["end"]
    if len(known) == 1:
        return {"name": name, "bytes": size, "sha256": known[0]["sha256"]}
    digest = hashlib.sha256(b"".join(_digests(known))).hexdigest()
    return {"name": name, "bytes": size, "parts": len(known), "sha256_of_parts": digest}


def _digests(parts: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    return (bytes.fromhex(part["sha256"]) for part in parts)
