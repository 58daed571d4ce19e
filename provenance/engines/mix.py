"""The barrier after scoring: who is a duplicate, which tier, what is kept, what is written.

    OUT/request.json       what was asked, written first
    OUT/data/part-*        kept rows with their text
    OUT/decisions.parquet  every document and what became of it
    OUT/rejects.parquet    every record that is no document
    OUT/matches.parquet    documents elsewhere that decisions name; only with an anchor or the like
    OUT/verdicts.parquet   what people judged of its documents; only with verdicts
    OUT/attribution.*      tokens by publisher, and what the policy's prices make of them
    OUT/report.html, .json what was kept and dropped, why, and samples, on one page
    OUT/README.md          the dataset card
    OUT/croissant.json     the same for machines: Croissant 1.1 with RAI fields
    OUT/manifest.sha256    what `sha256sum --check` reads
    OUT/manifest.json      counts and digests; written last: this dataset is whole

Text takes no part until the last step, which copies the kept rows of each scored part: the memory
needed does not grow with the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from provenance import batch as contract
from provenance.emit.atomic import replacing, write_json
from provenance.emit.canonical import digest_json
from provenance.emit.dataset import DECISIONS, decided_columns, decided_rows
from provenance.emit.leaves import leaves
from provenance.emit.manifest import NAME, VERSION, read_manifest
from provenance.emit.merkle import hash_leaves
from provenance.emit.parquet import PartWriter, write_rows
from provenance.engines.emission import write_dataset
from provenance.engines.grading import write_graded
from provenance.engines.judged import FACTS, add_verdicts, by_document
from provenance.engines.publish import policy_record, publish, scoring_record, tree_record
from provenance.engines.references import MATCHES, References, assign_all
from provenance.engines.report import FILES as REPORT
from provenance.engines.report import write_report
from provenance.engines.spool import FOLDER as SPOOLED
from provenance.engines.statements import statement
from provenance.engines.store import Store, another_run, require_empty
from provenance.errors import OutputError
from provenance.evidence.site_rights import REASONS, SiteRights
from provenance.evidence.sources import EMPTY
from provenance.policy.decide import decide
from provenance.policy.mix import MixReport, mix
from provenance.policy.model import Policy
from provenance.policy.predicates import columns_read
from provenance.policy.prior import prior_of, recorded_policy
from provenance.policy.source_table import load_sources
from provenance.policy.views import measure_views
from provenance.report.explain import Explanation, explain
from provenance.report.summary import summarise
from provenance.session import Session
from provenance.stages.grade import Grade
from provenance.stages.permit import Permit

MATCHES_FILE = "matches.parquet"
VERDICTS_FILE = "verdicts.parquet"

#: What every decision needs of the store, whatever the policy's predicates say.
_ALWAYS_LOADED = (
    "doc_id", "host", "captured_at", "no_text_reason", "lang", "n_tokens", "rarity",
    "ngram_novelty",    "llr", "llr_low", "llr_high", "human_tail", "abstained",
)  # fmt: skip

#: Memory of the tables once texts are copied beside them: these need the rest.
_MEMORY_BESIDE_TEXT_BYTES = 224 * 1024 * 1024

#: What grading alone needs.
_LOADED_TO_GRADE = ("url", "page_rights")


def claim(out: Path, plan_digest: str, policy: Policy, references: References) -> None:
    """Take the folder `out` for this request, or go on with it. Raises OutputError."""
    request = _request(plan_digest, policy, references)
    path = out / "request.json"
    if path.exists():
        if _read_json(path) != request:
            raise OutputError(another_run(out))
    else:
        require_empty(out, besides=(SPOOLED,))
        write_json(path, request)


def run_mix(
    store: Store,
    policy: Policy,
    out: Path,
    *,
    references: References,
    finished: Callable[[], None],
) -> dict[str, Any]:
    """The manifest of the dataset at `out`, which `claim` took, after whatever is missing."""
    if (out / NAME).exists():
        return read_manifest(out)
    totals = store.totals()
    grade = _grading(policy)
    with Session(out / ".scratch") as session:
        report = decide_all(session, store, policy, grade, references)
        views = measure_views(session, policy)
        write_rejects(session, store, out / "rejects.parquet")
        tree = tree_record(write_decisions(session, store, out / "decisions.parquet"))
        if references:
            write_rows(out / MATCHES_FILE, MATCHES, session.reader(statement("used_matches")))
        if references.judged:
            write_rows(out / VERDICTS_FILE, FACTS, session.reader("FROM applied_verdicts"))
        session.limit_memory(_MEMORY_BESIDE_TEXT_BYTES)
        written = write_dataset(session, store, policy, views=views, out=out, finished=finished)
        hosts = session.table(statement("attribution")).to_pylist()
        summary = summarise(
            session, rejects=out / "rejects.parquet", n_records=totals["n_records"], out=out
        )
        write_report(
            session, store, policy,
            summary=summary, mixed=report,
            judged=by_document(session.table("FROM applied_verdicts")), out=out,
        )  # fmt: skip
    manifest = {
        "version": VERSION,
        "request": _request(totals["plan"], policy, references),
        "policy": policy_record(policy),
        **scoring_record(store, totals, out),
        "summary": summary,
        "mix": asdict(report),
        "curriculum": asdict(written.curriculum) if written.curriculum else None,
        "views": [asdict(view) for view in views],
        "references": references.record(),
        "merkle": tree,
    }
    names = ["request.json", "decisions.parquet", "rejects.parquet", *REPORT]
    names += [MATCHES_FILE] if references else []
    names += [VERDICTS_FILE] if references.judged else []
    return publish(out, manifest, [*names, *written.files], hosts=hosts)


def explain_document(out: Path, document: str) -> list[Explanation]:
    """What happened to `document` in the dataset at `out`. Raises InputError."""
    manifest = read_manifest(out)
    store = Store(out / manifest["scored"]["path"])
    with Session() as session:
        return explain(
            session,
            decisions=out / "decisions.parquet",
            rejects=out / "rejects.parquet",
            parts=store.parts("documents"),
            duplicates=[str(store.duplicates)] if store.duplicates.exists() else [],
            matches=[str(out / MATCHES_FILE)] if MATCHES_FILE in manifest["files"] else [],
            judged=[str(out / VERDICTS_FILE)] if VERDICTS_FILE in manifest["files"] else [],
            policy=recorded_policy(manifest["policy"]),
            document=document,
        )


def decide_all(
    session: Session, store: Store, policy: Policy, grade: Grade, references: References
) -> MixReport:
    """Fill the session with table `decisions`, one row per document; returns how the mix came out.

    Also leaves `repeats`: rows of the store that are copies of a record given twice.
    """
    columns = {*_ALWAYS_LOADED, *columns_read(policy)}
    columns |= {"content_hash"} if references.judged else set()
    loaded = sorted(columns.union(_LOADED_TO_GRADE))
    session.run(statement("load"), parts=store.parts("documents"), columns=loaded)
    session.run(statement("repeats"))
    session.run("DELETE FROM scored WHERE (part, row) IN (SELECT part, row FROM repeats)")
    session.register("applied_verdicts", _judged(session, references))
    assign_all(session, store, references, near_duplicates=policy.dedup.near_duplicates)
    graded = session.scratch_file("graded.parquet")
    write_graded(session, grade, Permit(_site_rights(session, store)), graded, columns=columns)
    session.run("DROP TABLE scored")
    session.run("DROP TABLE assigned")
    session.view("documents", statement("documents"), graded=[str(graded)])
    decide(session, policy)
    session.run("DROP VIEW documents")
    graded.unlink()
    return mix(session, policy)


def _judged(session: Session, references: References) -> pa.Table:
    """What people judged, as far as it holds for documents of the store, added to their facts."""
    if not references.judged:
        return FACTS.empty_table()
    return add_verdicts(session, references.judged)


def write_rejects(session: Session, store: Store, path: Path) -> None:
    """Every record that is no document, in input order, as `rejects/1` at `path`."""

    def rows() -> Iterator[pa.RecordBatch]:
        yield from session.reader(statement("rejects"), parts=store.parts("rejects"))
        yield from session.reader(statement("repeat_rejects"), parts=store.parts("documents"))

    write_rows(path, contract.REJECTS, rows())


def write_decisions(session: Session, store: Store, path: Path) -> bytes:
    """What became of every document, in input order, at `path`; returns the rows' leaf hashes."""
    hashes: list[bytes] = []
    with (
        ThreadPoolExecutor(1) as hasher,
        replacing(path) as temporary,
        PartWriter(str(temporary), DECISIONS) as writer,
    ):
        for index, part in enumerate(store.parts("documents")):
            decided = session.table(
                statement("decided"), part=index, columns=decided_columns(DECISIONS)
            )
            hashing = []
            for batch in decided_rows(Path(part), decided, DECISIONS):
                hashing.append(hasher.submit(_hash_rows, batch))
                writer.write(batch)
            hashes += [done.result() for done in hashing]
    return b"".join(hashes)


def _hash_rows(batch: pa.RecordBatch) -> bytes:
    return hash_leaves(leaves(batch))


def _site_rights(session: Session, store: Store) -> SiteRights:
    """What the site-wide files that the crawl holds say about training."""
    details = session.rows(
        statement("site_rights"), parts=store.parts("rejects"), reasons=list(REASONS)
    )
    return SiteRights.of((str(url), str(reason), str(said)) for url, reason, said in details)


def _grading(policy: Policy) -> Grade:
    return Grade(
        cutoff=policy.cutoff,
        false_positive_rate=policy.false_positive_rate,
        prior=prior_of(policy),
        sources=load_sources(Path(policy.sources)) if policy.sources else EMPTY,
    )


def _request(plan_digest: str, policy: Policy, references: References) -> dict[str, Any]:
    """What decides the bytes of a dataset."""
    sources = load_sources(Path(policy.sources)) if policy.sources else EMPTY
    return {
        "version": "request/1",
        "plan": plan_digest,
        # Where the table of sources lies changes nothing; what it says is digested below.
        "policy": digest_json(policy.model_dump(mode="json", exclude={"sources"})),
        "sources": digest_json(dict(sources.sites)),
        "references": references.request(),
    }


def _read_json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value
