"""The scored store: a folder of Parquet parts, one per slice, with a manifest as completion mark.

SCORED/plan.json            what is run, written first
SCORED/documents/part-*     documents/1 columns up to the detectors, with the text
SCORED/signatures/part-*    signatures/1, row for row beside documents
SCORED/rejects/part-*       rejects/1
SCORED/slices/part-*.json   counts, digests and bounds; written last: this slice is done
SCORED/duplicates.parquet   matches between documents, after all slices
SCORED/boilerplate.parquet  shingles that a site repeats; absent when no document has words
SCORED/scored.json          totals; written last of all: this store is whole
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from provenance.emit.atomic import digest_file, write_json
from provenance.engines.plan import Plan
from provenance.errors import InputError, OutputError, Problem

PART_FOLDERS = ("documents", "signatures", "rejects")
FOLDERS = (*PART_FOLDERS, "slices")


@dataclass(frozen=True)
class Store:
    """Paths of one scored store."""

    root: Path

    def part(self, folder: str, index: int) -> Path:
        suffix = "json" if folder == "slices" else "parquet"
        return self.root / folder / f"part-{index:05d}.{suffix}"

    def parts(self, folder: str) -> list[str]:
        """Paths of the finished parts of `folder`, in plan order."""
        return [str(path) for path in sorted((self.root / folder).glob("part-*.parquet"))]

    @property
    def plan_path(self) -> Path:
        return self.root / "plan.json"

    @property
    def detectors(self) -> tuple[dict[str, Any], ...]:
        """What the plan says of each detector, in order of cost: name, fingerprint, calibration."""
        return tuple(self._detection["facts"]["detectors"]) if self._detection else ()

    @property
    def calibrations(self) -> Sequence[dict[str, Any]]:
        """The user's own calibrations that scores were read with, as the plan holds them."""
        held: Sequence[dict[str, Any]] = self._detection.get("calibrations", ())
        return held

    @property
    def cascade(self) -> dict[str, Any] | None:
        """By what documents left the cascade early, as the plan holds it; None: none did."""
        return self._detection.get("cascade")

    @cached_property
    def _detection(self) -> dict[str, Any]:
        """The parameters of the stage `detect`; none in a store without detection."""
        plan = json.loads(self.plan_path.read_text(encoding="utf-8"))
        stages: dict[str, Any] = {stage["name"]: stage["parameters"] for stage in plan["stages"]}
        return dict(stages.get("detect", {}))

    @property
    def detector_names(self) -> tuple[str, ...]:
        return tuple(one["name"] for one in self.detectors)

    @property
    def duplicates(self) -> Path:
        return self.root / "duplicates.parquet"

    @property
    def boilerplate(self) -> Path:
        return self.root / "boilerplate.parquet"

    @property
    def done_path(self) -> Path:
        return self.root / "scored.json"

    def manifest(self, index: int) -> dict[str, Any] | None:
        """The manifest of a finished slice; None while it is not finished."""
        path = self.part("slices", index)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def open(self, plan: Plan) -> None:
        """Claim the folder for `plan`, or go on with it. Raises OutputError."""
        if self.plan_path.exists():
            held = json.loads(self.plan_path.read_text(encoding="utf-8"))
            if held != json.loads(json.dumps(plan.to_dict())):
                raise OutputError(another_run(self.root))
        else:
            require_empty(self.root, besides=("input",))
            write_json(self.plan_path, plan.to_dict())
        for folder in FOLDERS:
            (self.root / folder).mkdir(exist_ok=True)

    def totals(self) -> dict[str, Any]:
        """What `scored.json` says. Raises InputError when the store is not whole."""
        if not self.done_path.exists():
            what = (
                "this scored store is not finished"
                if self.plan_path.exists()
                else ("no scored store is here")
            )
            raise InputError(
                Problem(str(self.root), what, accepted="a folder that `provenance score` finished")
            )
        totals: dict[str, Any] = json.loads(self.done_path.read_text(encoding="utf-8"))
        return totals


def digest_rest(root: Path) -> dict[str, str]:
    """SHA-256 of every file of the store that no slice's manifest and no hidden name covers."""
    covered = {root / folder for folder in PART_FOLDERS}
    names = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and path.parent not in covered and path != root / "scored.json"
    }
    return {
        name: digest_file(names[name])
        for name in sorted(names)
        if not any(part.startswith(".") for part in name.split("/"))
    }


def stored_files(root: Path, sha256: str) -> dict[str, dict[str, str]]:
    """The files of a finished store and their digests, as far as they can be read out of it.

    sha256: digest of its scored.json, which holds those of the slices' manifests, which hold those
    of the parts.
    """
    files = {"scored.json": sha256}
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        files |= json.loads((root / "scored.json").read_text(encoding="utf-8"))["digests"]
    for name in sorted(name for name in files if name.startswith("slices/")):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            parts = json.loads((root / name).read_text(encoding="utf-8"))["sha256"]
            stem = Path(name).stem
            files |= {f"{folder}/{stem}.parquet": digest for folder, digest in parts.items()}
    return {name: {"sha256": digest} for name, digest in files.items()}


def another_run(root: Path) -> Problem:
    """The problem of an output folder that belongs to a different request."""
    return Problem(
        str(root),
        "holds the result of another request (other inputs, options, policy or versions)",
        accepted="an empty folder, or the same request again, which goes on where it stopped",
    )


def require_empty(root: Path, *, besides: tuple[str, ...] = ()) -> None:
    """Make `root` and check that it can be written and holds nothing else than `besides`.

    Hidden files do not count. Raises OutputError.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        probe = root / ".write-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            Problem(str(root), f"cannot be written: {error.strerror}", accepted="a writable folder")
        ) from error
    if any(
        not entry.name.startswith(".") and entry.name not in besides for entry in root.iterdir()
    ):
        raise OutputError(
            Problem(str(root), "holds files of another origin", accepted="an empty or new folder")
        )
