"""The public functions. Each command of the command line calls exactly one of them.

clean    crawl shards -> dataset                                         provenance clean
score    crawl shards -> scored store; or batches -> scored batches      provenance score
mix      scored store + policy -> dataset                                provenance mix
explain  dataset + URL or id -> what happened to it                      provenance explain
calibrate   human texts -> thresholds at a false-positive rate           provenance calibrate
estimate    dataset, or shards -> share of synthetic text                provenance estimate
review   dataset -> documents for people to judge                        provenance review
diff     two datasets -> what entered, what left, and why                provenance diff
prove    dataset + URL or id -> proof of its decision                    provenance prove
sign     dataset + private key -> signature beside the manifest          provenance sign
verify   dataset, proof -> everything that is not as it was written      provenance verify
bench    labelled texts + detectors -> what they are worth               provenance bench

anchor_build, anchor_add, anchor_merge, anchor_info, anchor_query        provenance anchor ...
score_texts                   list of strings -> scores and readings     (the library alone)
keyring_fit                                                              provenance keyring fit
review_import                                                            provenance review import

train    labelled texts + configuration -> detector                      provenance train
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, TypedDict, Unpack, overload

import pyarrow as pa
from tqdm import tqdm

from provenance.dedup.anchor.ask import AnchorMatch, ask
from provenance.dedup.anchor.tables import Anchor, is_anchor
from provenance.dedup.parameters import DedupParameters
from provenance.emit.atomic import write_text
from provenance.emit.canonical import canonical_json
from provenance.emit.proof import Proof
from provenance.engines.anchor import (
    BUILD,
    add_segment,
    anchor_stages,
    claim_anchor,
    describe,
    merge_anchors,
)
from provenance.engines.bench.layouts import NamedColumns
from provenance.engines.bench.public import bench
from provenance.engines.bench.run import BenchResult
from provenance.engines.calibrate import Calibrated, calibrate
from provenance.engines.diff import Difference, diff_datasets
from provenance.engines.estimate import Estimates, check_by, estimate_stored, stored
from provenance.engines.keyring import NullsResult, keyring_fit
from provenance.engines.local import LocalEngine
from provenance.engines.lock import only_run
from provenance.engines.mix import claim, explain_document, run_mix
from provenance.engines.plan import Plan
from provenance.engines.prove import prove_document
from provenance.engines.references import References, open_references
from provenance.engines.request import check_options, check_place, legible
from provenance.engines.review import Review, make_review
from provenance.engines.score import Scoring, plan_scoring, run_scoring
from provenance.engines.scored_for import check_detection
from provenance.engines.sign import sign_dataset
from provenance.engines.spool import spool
from provenance.engines.store import Store
from provenance.engines.stream import score_stream
from provenance.engines.texts import TextScorer, TextScores, score_texts
from provenance.engines.train import TrainResult, load_config, train_detector
from provenance.engines.verdicts import Verdicts, import_verdicts
from provenance.engines.verify import Verification, verify_all
from provenance.errors import OutputError, Problem
from provenance.policy.detectors import detector_names, groups
from provenance.policy.load import default_policy, load, parse
from provenance.policy.model import Policy, json_schema
from provenance.report import terminal
from provenance.report.anchor import render_anchor
from provenance.report.explain import Explanation
from provenance.sources.columns import Columns
from provenance.sources.limits import Limits
from provenance.stages.leaving import surface
from provenance.stages.registry import StageSpec

__all__ = [
    "AnchorMatch",
    "AnchorResult",
    "BenchResult",
    "Calibrated",
    "CleanResult",
    "Difference",
    "Estimates",
    "Explanation",
    "NamedColumns",
    "NullsResult",
    "Proof",
    "Review",
    "ScoreResult",
    "TextScorer",
    "TextScores",
    "TrainResult",
    "Verdicts",
    "Verification",
    "anchor_add",
    "anchor_build",
    "anchor_info",
    "anchor_merge",
    "anchor_query",
    "bench",
    "calibrate",
    "clean",
    "diff",
    "estimate",
    "explain",
    "keyring_fit",
    "mix",
    "policy_check",
    "policy_init",
    "policy_schema",
    "prove",
    "review",
    "review_import",
    "score",
    "score_texts",
    "sign",
    "train",
    "verify",
]

Batches: TypeAlias = pa.RecordBatch | pa.Table | Iterable[pa.RecordBatch]
Inputs: TypeAlias = str | Path | Sequence[str | Path] | Batches
Folders: TypeAlias = str | Path | Sequence[str | Path]


class Options(TypedDict, total=False):
    """How inputs are read and scored; the same words as the options of the command line.

    workers: processes; default every core. extractor: "resiliparse" or "trafilatura".
    tokenizer: path of a tokenizer.json for exact token counts; default a fast estimate.
    keyring: file of watermark keys to try on every text; default none.
    trust_anchors: PEM file of authorities whose content credentials are trusted; default none.
    mask_generated: leave out of a text what elements of its page declare generated; default no.
    calibration: file of `calibrate` that scores are read with; default what comes with detectors.
    text_column, url_column, date_column, id_column: where JSON Lines and Parquet hold what;
    default the names that C4, Dolma and FineWeb use. base: where the paths of a warc.paths list
    begin. batch_size: documents per batch; changes memory and speed, never the result.
    slice_bytes: input bytes per unit of work. limit_record_bytes: larger records are rejects.
    progress: bars on stderr when that is a terminal.
    """

    workers: int | None
    extractor: str
    tokenizer: str | None
    keyring: str | None
    trust_anchors: str | None
    mask_generated: bool
    calibration: str | None
    text_column: str | None
    url_column: str | None
    date_column: str | None
    id_column: str | None
    base: str | None
    batch_size: int
    slice_bytes: int
    limit_record_bytes: int
    progress: bool


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A finished scored store: its folder and the totals of `scored.json`."""

    out: Path
    totals: Mapping[str, Any]

    def text(self) -> str:
        """The totals in sentences, for a terminal."""
        return terminal.render_totals(self.totals, self.out)

    def json(self) -> str:
        """The totals as canonical JSON."""
        return canonical_json(self.totals)


@dataclass(frozen=True, slots=True)
class CleanResult:
    """A finished dataset: its folder and the content of `manifest.json`."""

    out: Path
    manifest: Mapping[str, Any]

    def text(self) -> str:
        """Where every document went, for a terminal."""
        return terminal.render(self.manifest, self.out)

    def json(self) -> str:
        """The manifest as canonical JSON."""
        return canonical_json(self.manifest)


@dataclass(frozen=True, slots=True)
class AnchorResult:
    """A finished anchor: its folder, and what it holds."""

    out: Path
    facts: Mapping[str, Any]

    def text(self) -> str:
        """What it holds in sentences, for a terminal."""
        return render_anchor(self.facts, self.out)

    def json(self) -> str:
        """What it holds as canonical JSON."""
        return canonical_json(self.facts)


def clean(
    inputs: Inputs,
    *,
    out: str | Path,
    policy: str | Path | Policy | None = None,
    anchor: Folders = (),
    exclude: Folders = (),
    against: Folders = (),
    verdicts: Folders = (),
    **options: Unpack[Options],
) -> CleanResult:
    """A filtered, deduplicated, tiered and balanced dataset in the folder `out`.

    inputs: files, folders, globs, URLs, lists of paths, "-" for standard input; or Arrow batches.
    policy: a policy file or a Policy; default the built-in one. anchor: anchors that lend their
    dates to documents whose text is covered by theirs. exclude: benchmarks, as files with a text
    column or as anchors made of them; documents that contain an item are dropped. against: datasets
    or scored stores of earlier runs; what their documents hold already is a duplicate, as it would
    be had the runs been one. verdicts: what `review_import` made; what people agree on is decisive
    evidence. Everything asked wrongly is one RequestError before anything is read.
    An interrupted call, made again, goes on where it stopped and ends with the same bytes.
    """
    chosen = _policy(policy)
    root = Path(out)
    with (
        _only_run(inputs, root),
        _references(anchor, exclude, against, verdicts, options) as references,
    ):
        check_detection(chosen, detector_names(chosen.detectors))
        # What people judge moves decisions: then nobody can say early what will change none.
        cascade = surface(chosen) if not _names_of(verdicts) else None
        plan, skipped, scoring = _plan(inputs, root, options, policy=chosen, cascade=cascade)
        claim(root, plan.digest, chosen, references)
        _run_scoring(plan, root / "scored", skipped, scoring, options)
        store = Store(root / "scored")
        return _mix(store, chosen, root, references=references, options=options)


@overload
def score(
    inputs: Inputs,
    *,
    out: str | Path,
    policy: str | Path | Policy | None = None,
    **options: Unpack[Options],
) -> ScoreResult: ...
@overload
def score(
    inputs: Batches,
    *,
    out: None = None,
    policy: str | Path | Policy | None = None,
    **options: Unpack[Options],
) -> Iterator[pa.RecordBatch]: ...
def score(
    inputs: Inputs,
    *,
    out: str | Path | None = None,
    policy: str | Path | Policy | None = None,
    **options: Unpack[Options],
) -> ScoreResult | Iterator[pa.RecordBatch]:
    """A scored store in the folder `out`, from which any number of policies can be mixed.

    policy: whose `detectors` score; nothing else of it is read. Default: linear alone.
    Without `out`, `inputs` are Arrow batches with a text column, and the result is a stream of
    batches with the columns of `documents/1` up to the detectors: one row per row, in order.
    """
    chosen = None if policy is None else _policy(policy)
    if out is None:
        if _names(inputs):
            raise OutputError(Problem("out", "is missing: files are scored into a folder"))
        return score_stream(_batches(inputs), _scoring(options, chosen))
    root = Path(out)
    with _only_run(inputs, root):
        plan, skipped, scoring = _plan(inputs, root, options, policy=chosen)
        return ScoreResult(root, _run_scoring(plan, root, skipped, scoring, options))


def mix(
    scored: str | Path,
    *,
    out: str | Path,
    policy: str | Path | Policy | None = None,
    anchor: Folders = (),
    exclude: Folders = (),
    against: Folders = (),
    verdicts: Folders = (),
    progress: bool = False,
) -> CleanResult:
    """A dataset in the folder `out` from the scored store `scored`, under another policy.

    policy, anchor, exclude, against, verdicts: as in `clean`.
    """
    chosen = _policy(policy)
    store, root = Store(Path(scored)), Path(out)
    options: Options = {"progress": progress}
    with only_run(root), _references(anchor, exclude, against, verdicts, options) as references:
        plan_digest = store.totals()["plan"]
        check_detection(
            chosen,
            store.detector_names,
            cascade=store.cascade,
            has_verdicts=bool(references.judged),
        )
        claim(root, plan_digest, chosen, references)
        return _mix(store, chosen, root, references=references, options=options)


def explain(out: str | Path, document: str) -> list[Explanation]:
    """What happened to a URL (every capture of it), a doc_id in hex, or a WARC-Record-ID.

    Raises InputError, with the nearest URL, when `out` knows nothing of it.
    """
    return explain_document(Path(out), document)


def diff(before: str | Path, after: str | Path) -> Difference:
    """What entered and what left from one dataset to another: two policies, or two runs.

    Raises InputError when either folder holds no whole dataset.
    """
    return diff_datasets(Path(before), Path(after))


def estimate(
    inputs: Inputs, *, by: Sequence[str] = ("month",), **options: Unpack[Options]
) -> Estimates:
    """The share of synthetic text with its 95 % interval, over all documents and by group.

    inputs: the folder of a dataset or of a scored store, or what `score` takes, which is scored
    first. by: any of host, language, month, stratum. The option `calibration` is the reference.
    Raises InputError.
    """
    check_by(by)
    names = _names(inputs) or []
    if len(names) == 1 and stored(Path(names[0])):
        return estimate_stored(Path(names[0]), by, calibration=options.get("calibration"))
    with TemporaryDirectory(prefix="provenance-") as folder:
        scored = score(inputs, out=Path(folder) / "scored", **options).out
        return estimate_stored(scored, by)


def review(
    dataset: str | Path, *, out: str | Path, sample: int = 200, near_threshold: bool = False
) -> Review:
    """A page and tables in the folder `out`, on which people judge `sample` documents.

    near_threshold: those whose detection is closest to the policy's false-positive rate; else as
    many of each decision, reason and tier as of any other. Raises InputError, OutputError.
    """
    return make_review(Path(dataset), Path(out), sample=sample, near_threshold=near_threshold)


def review_import(
    verdicts: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    review: str | Path | None = None,
) -> Verdicts:
    """The verdicts of CSV files in the folder `out`, with people's agreement with the machine.

    review: what `review` made; default the folder of the first file. Raises InputError with every
    fault and its line, OutputError.
    """
    files = [Path(name) for name in _names_of(verdicts)]
    return import_verdicts(files, Path(review) if review else files[0].parent, Path(out))


def anchor_build(archives: Inputs, *, out: str | Path, **options: Unpack[Options]) -> AnchorResult:
    """An anchor in the folder `out`: what it takes to recognise the texts of `archives` later.

    archives: early captures, in any form that `clean` reads. A document without a capture date is
    counted and can be matched, but lends no date. An interrupted call, made again, goes on.
    """
    root = Path(out)
    with _only_run(archives, root):
        plan, skipped, scoring = _plan_anchor(archives, root, options)
        claim_anchor(root, plan)
        return _add_segment(root, plan, skipped, scoring, options)


def anchor_add(anchor: str | Path, archives: Inputs, **options: Unpack[Options]) -> AnchorResult:
    """The anchor in the folder `anchor` with `archives` in it too; adding them twice adds once."""
    root = Path(anchor)
    Anchor.open(root)
    with _only_run(archives, root):
        plan, skipped, scoring = _plan_anchor(archives, root, options)
        return _add_segment(root, plan, skipped, scoring, options)


def anchor_merge(anchors: Sequence[str | Path], *, out: str | Path) -> AnchorResult:
    """An anchor in the folder `out` that holds what all of `anchors` hold."""
    opened = [Anchor.open(Path(anchor)) for anchor in anchors]
    return _anchor_result(merge_anchors(opened, Path(out)))


def anchor_info(anchor: str | Path) -> AnchorResult:
    """What the anchor in the folder `anchor` holds. Raises InputError."""
    return _anchor_result(Anchor.open(Path(anchor)))


def anchor_query(anchor: str | Path, texts: Sequence[str]) -> list[list[AnchorMatch]]:
    """For each text, the archived documents that hold some of it; those that lend a date first."""
    return ask(Anchor.open(Path(anchor)), texts, DedupParameters())


def prove(out: str | Path, document: str) -> Proof:
    """A proof of what was decided on one document, which can be checked with the root alone.

    document: as for `explain`, but a URL that was captured several times is refused. Raises
    InputError.
    """
    return prove_document(Path(out), document)


def sign(out: str | Path, *, key: str | Path) -> Path:
    """The file with the Ed25519 signature over the manifest of `out`, made with the private key.

    Raises InputError when there is no whole dataset or no usable key.
    """
    return sign_dataset(Path(out), Path(key))


def verify(
    out: str | Path | None = None,
    *,
    proof: str | Path | None = None,
    root: str | None = None,
    key: str | Path | None = None,
) -> Verification:
    """Everything that is not as it was written, in the dataset `out`, in a proof, or in both.

    root: the Merkle root known from elsewhere, in hex; needed for a proof without its dataset.
    key: the public key that must have signed. Raises InputError when nothing can be checked.
    """
    return verify_all(_path(out), proof=_path(proof), root=root, key=_path(key))


def train(
    config: str | Path, *, data: str | Path, out: str | Path, progress: bool = False
) -> TrainResult:
    """Weights, calibration and model card of a detector in `out`, trained as `config` says.

    data: folder of `*.jsonl.gz` (`detectors.classifier.examples`). Raises RequestError.
    """
    asked = load_config(config)
    with _bar("training", asked.n_steps, progress) as done:
        return train_detector(asked, data=data, out=out, progress=done)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def policy_init(path: Path) -> None:
    """Write the built-in policy to `path`, which must not exist. Raises OutputError."""
    if path.exists():
        raise OutputError(Problem(str(path), "exists already", accepted="a new file"))
    try:
        write_text(path, default_policy())
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be written: {error.strerror}")) from error


def policy_check(path: Path) -> Policy:
    """The policy in the file. Raises PolicyError with every problem in it."""
    return load(path)


def policy_schema() -> str:
    """The JSON Schema of policy files."""
    return canonical_json(json_schema())


def _policy(policy: str | Path | Policy | None) -> Policy:
    if policy is None:
        return parse(default_policy(), name="built-in policy")
    return policy if isinstance(policy, Policy) else load(policy)


@contextmanager
def _references(
    anchor: Folders, exclude: Folders, against: Folders, verdicts: Folders, options: Options
) -> Iterator[References]:
    """The references, opened; benchmarks given as files are made an anchor for as long."""
    with TemporaryDirectory(prefix="provenance-") as folder:
        given = _names_of(exclude)
        excluded = [Path(name) for name in given if is_anchor(Path(name))]
        files = [name for name in given if not is_anchor(Path(name))]
        if files:
            used: Options = {"workers": options.get("workers"), "progress": False}
            excluded.append(anchor_build(files, out=Path(folder) / "items", **used).out)
        yield open_references(
            anchors=[Path(name) for name in _names_of(anchor)],
            excluded=excluded,
            against=[Path(name) for name in _names_of(against)],
            verdicts=[Path(name) for name in _names_of(verdicts)],
        )


def _names_of(given: Folders) -> list[str]:
    return [str(given)] if isinstance(given, str | Path) else [str(one) for one in given]


def _batches(inputs: Any) -> Iterable[pa.RecordBatch]:
    if isinstance(inputs, pa.RecordBatch):
        return [inputs]
    batches: Iterable[pa.RecordBatch] = (
        inputs.to_batches() if isinstance(inputs, pa.Table) else inputs
    )
    return batches


def _scoring(options: Options, policy: Policy | None = None) -> Scoring:
    check_options(options, Options.__annotations__)
    limits = Limits()
    return Scoring(
        columns=Columns(
            text=options.get("text_column"),
            url=options.get("url_column"),
            captured_at=options.get("date_column"),
            id=options.get("id_column"),
        ),
        limits=Limits(record_bytes=options.get("limit_record_bytes", limits.record_bytes)),
        slice_bytes=options.get("slice_bytes", 64 * 2**20),
        extractor=options.get("extractor", "resiliparse"),
        tokenizer=options.get("tokenizer"),
        keyring=options.get("keyring"),
        trust_anchors=options.get("trust_anchors"),
        mask_generated=options.get("mask_generated", False),
        calibration=options.get("calibration"),
        dedup=DedupParameters(),
        detectors=groups(policy.detectors if policy else None),
    )


def _plan_anchor(archives: Inputs, root: Path, options: Options) -> tuple[Plan, list[str], Scoring]:
    stages = anchor_stages(options.get("extractor", "resiliparse"), DedupParameters())
    return _plan(archives, root / BUILD, options, stages=stages)


def _add_segment(
    root: Path, plan: Plan, skipped: list[str], scoring: Scoring, options: Options
) -> AnchorResult:
    with _bar("reading", len(plan.slices), options.get("progress", False)) as finished:
        return _anchor_result(
            add_segment(
                root,
                plan,
                skipped=skipped,
                engine=_engine(options),
                dedup=scoring.dedup,
                finished=finished,
            )
        )


def _anchor_result(anchor: Anchor) -> AnchorResult:
    return AnchorResult(Path(anchor.name), describe(anchor))


def _only_run(inputs: Inputs, root: Path) -> AbstractContextManager[None]:
    """`only_run` of a folder that is no part of the inputs."""
    check_place(root, _names(inputs) or ())
    return only_run(root)


def _plan(
    inputs: Inputs,
    root: Path,
    options: Options,
    *,
    policy: Policy | None = None,
    cascade: Mapping[str, Any] | None = None,
    stages: tuple[StageSpec, ...] | None = None,
) -> tuple[Plan, list[str], Scoring]:
    """The plan over `inputs`, after standard input and batches are copied below `root`."""
    scoring = replace(_scoring(options, policy), cascade=cascade)
    names = _names(inputs)
    if names is None:
        names = [spool(_batches(inputs), root)]
    else:
        names = [spool(None, root) if name == "-" else name for name in names]
    plan, listed = plan_scoring(names, scoring, base=options.get("base"), stages=stages)
    return plan, [legible(name) for name in listed.skipped], scoring


def _names(inputs: Any) -> list[str] | None:
    """The names of files given; None when batches were given."""
    if isinstance(inputs, str | Path):
        return [str(inputs)]
    if isinstance(inputs, Sequence) and all(isinstance(name, str | Path) for name in inputs):
        return [str(name) for name in inputs]
    return None


def _run_scoring(
    plan: Plan, root: Path, skipped: list[str], scoring: Scoring, options: Options
) -> dict[str, Any]:
    with _bar("scoring", len(plan.slices), options.get("progress", False)) as finished:
        return run_scoring(
            plan,
            root,
            skipped=skipped,
            engine=_engine(options),
            dedup=scoring.dedup,
            finished=finished,
        )


def _engine(options: Options) -> LocalEngine:
    return LocalEngine(
        workers=options.get("workers") or os.cpu_count() or 1,
        batch_size=options.get("batch_size", 1024),
    )


def _mix(
    store: Store, policy: Policy, root: Path, *, references: References, options: Options
) -> CleanResult:
    with _bar("writing", None, options.get("progress", False)) as finished:
        manifest = run_mix(store, policy, root, references=references, finished=finished)
        return CleanResult(root, manifest)


@contextmanager
def _bar(what: str, total: int | None, progress: bool) -> Iterator[Callable[[], None]]:
    """A counter to call once per finished part; a bar on stderr when that is a terminal."""
    disable = None if progress else True
    with tqdm(desc=what, total=total, unit=" parts", disable=disable) as bar:

        def finished() -> None:
            bar.update(1)

        yield finished
