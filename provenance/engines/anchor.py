"""Building archives of early text: the scoring stages without detection, then one segment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from provenance.dedup.anchor.bloom import FALSE_POSITIVE_RATE
from provenance.dedup.anchor.build import copy_file, write_segment
from provenance.dedup.anchor.gather import gather
from provenance.dedup.anchor.tables import VERSION, Anchor, Segment, anchor_digest, is_anchor
from provenance.dedup.parameters import DedupParameters
from provenance.dedup.search import find_duplicates
from provenance.emit.atomic import write_json
from provenance.engines.local import LocalEngine
from provenance.engines.plan import Plan
from provenance.engines.score import count_rejects
from provenance.engines.store import Store, another_run, require_empty
from provenance.errors import InputError, OutputError, Problem
from provenance.session import Session
from provenance.stages.registry import StageSpec

#: Where a build leaves its store until it is done; hidden, so that the folder counts as empty.
BUILD = ".build"


def anchor_stages(extractor: str, dedup: DedupParameters) -> tuple[StageSpec, ...]:
    """What an archive needs of a text: its hash and its sketches, not the text."""
    return (
        StageSpec("extract", {"extractor": extractor}),
        StageSpec("identify", {"tokenizer": None}),
        StageSpec("sign", {"num_perm": dedup.num_perm}),
        StageSpec("release", {"columns": ["text", "headers"]}),
    )


def claim_anchor(out: Path, plan: Plan) -> None:
    """Take the folder `out` for an archive of `plan`, or go on with it. Raises OutputError."""
    if not is_anchor(out):
        require_empty(out, besides=("segments",))
    elif [segment.facts["plan"] for segment in Anchor.open(out).segments] != [plan.digest]:
        raise OutputError(another_run(out))


def add_segment(
    out: Path,
    plan: Plan,
    *,
    skipped: Sequence[str],
    engine: LocalEngine,
    dedup: DedupParameters,
    finished: Callable[[], None],
) -> Anchor:
    """The archive at `out`, with the documents of `plan` in it: made now, unless they are there.

    An interrupted call goes on where it stopped. Raises InputError when no document has words.
    """
    held = Anchor.open(out).segments if is_anchor(out) else ()
    if any(segment.facts["plan"] == plan.digest for segment in held):
        return Anchor.open(out)
    store = Store(out / BUILD)
    store.open(plan)
    manifests = engine.map(store, plan.slices, finished=finished)
    facts = {
        "plan": plan.digest,
        "n_documents": sum(manifest["n_documents"] for manifest in manifests),
        "n_records": sum(manifest["n_records"] for manifest in manifests),
        "rejects": count_rejects(manifests),
        "skipped_files": sorted(skipped),
    }
    _write(out, [*held, _segment(store, out, facts, dedup)])
    shutil.rmtree(store.root)
    return Anchor.open(out)


def _segment(store: Store, out: Path, facts: dict[str, Any], dedup: DedupParameters) -> Segment:
    parts = {name: store.parts(name) for name in ("documents", "signatures")}
    scratch = store.root / ".sort"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with Session(store.root / ".scratch") as session:
        found = find_duplicates(
            session, **parts, out=store.duplicates, parameters=dedup, boilerplate=store.boilerplate
        )
        if found.n_texts == 0:
            what = f"{facts['n_documents']} documents were read, none with text"
            raise InputError(Problem(str(out), what, accepted="archives with text"))
        chunks = gather(session, **parts, boilerplate=store.boilerplate)
        facts |= {"n_undated": _undated(session, parts["documents"])}
        return write_segment(chunks, out / "segments", facts=facts, scratch=scratch)


def _undated(session: Session, documents: Sequence[str]) -> int:
    query = "SELECT count(*) FROM read_parquet($documents) WHERE captured_at IS NULL"
    return int(session.row(query, documents=list(documents))[0])


def merge_anchors(anchors: Sequence[Anchor], out: Path) -> Anchor:
    """The archive at `out` with every segment of `anchors`, once each. Raises OutputError."""
    segments = {segment.digest: segment for anchor in anchors for segment in anchor.segments}
    if is_anchor(out):
        if Anchor.open(out).digest != anchor_digest(list(segments)):
            raise OutputError(another_run(out))
        return Anchor.open(out)
    require_empty(out, besides=("segments",))
    for digest, segment in segments.items():
        place = out / "segments" / digest
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(segment.root, place, copy_function=copy_file)
    _write(out, list(segments.values()))
    return Anchor.open(out)


def describe(anchor: Anchor) -> dict[str, Any]:
    """What an archive holds, in JSON values; `n_undated` documents lend no date."""
    facts = [segment.facts for segment in anchor.segments]
    with Session() as session:
        files = [str(segment.documents) for segment in anchor.segments]
        earliest, latest = session.row(
            "SELECT min(captured_at)::DATE::VARCHAR, max(captured_at)::DATE::VARCHAR"
            " FROM read_parquet($documents)",
            documents=files,
        )
    return {
        "digest": anchor.digest,
        "segments": len(facts),
        **{name: sum(one[name] for one in facts) for name in _COUNTS},
        "rejects": count_rejects(facts),
        "earliest": earliest,
        "latest": latest,
        "size_bytes": sum(segment.size_bytes for segment in anchor.segments),
        "false_positive_rate": FALSE_POSITIVE_RATE,
    }


_COUNTS = ("n_records", "n_documents", "n_undated", "n_texts", "n_probes")


def _write(out: Path, segments: Sequence[Segment]) -> None:
    digests = sorted(segment.digest for segment in segments)
    write_json(out / "anchor.json", {"version": VERSION, "segments": digests})
