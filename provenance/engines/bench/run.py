"""The bench: files and detectors in; bench.json, bench.html and RAID's predictions out."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TypeAlias

from provenance.emit.atomic import write_json, write_text
from provenance.emit.canonical import canonical_json
from provenance.engines.bench import extras, heldout
from provenance.engines.bench.contestants import Asked, Contestant, contestants
from provenance.engines.bench.corpus import UNLABELLED, Corpus, Source, open_sources, read_corpus
from provenance.engines.bench.groups import Group, groups
from provenance.engines.bench.judging import fuse, judge
from provenance.engines.bench.layouts import Labels, NamedColumns
from provenance.engines.bench.results import SCHEMA, Question, rate_name, rows
from provenance.engines.bench.scoring import Scores, score_corpus
from provenance.engines.lock import only_run
from provenance.engines.store import require_empty
from provenance.errors import InputError, Problem, RunError
from provenance.report.bench_page import bench_page
from provenance.report.bench_terminal import render_bench

#: A counter of texts done, for as long as the block lasts; of so many, None = unknown.
Progress: TypeAlias = Callable[
    [str, int | None], AbstractContextManager[Callable[[int], object] | None]
]

#: What an earlier bench leaves in its folder; its scores are used again.
OURS: Final = ("bench.json", "bench.html", "predictions.json", "predictions", "scores")
_PACKAGES: Final = ("provenance-filter", "numpy", "pyarrow", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a bench is asked for, beside its files and detectors.

    fpr: false-positive rates. non_native: domains of non-native writers. price_per_hour: of the
    machine, in any currency. n_resamples, seed: of the bootstrap. leave_one_out: the groups without
    which what is fitted is fitted again. device: where the models of NAME@MODEL run.
    """

    fpr: tuple[float, ...] = (0.01, 0.05)
    columns: NamedColumns = field(default_factory=NamedColumns)
    labels: Labels = field(default_factory=Labels)
    calibrations: tuple[str | Path, ...] = ()
    non_native: tuple[str, ...] = extras.NON_NATIVE
    price_per_hour: float | None = None
    n_resamples: int = 1000
    seed: int = 0
    leave_one_out: heldout.By | None = None
    device: str = "cpu"

    def check(self) -> None:
        """Raises InputError with everything that makes no sense."""
        problems = [
            Problem("fpr", f"is {rate}", accepted="rates between 0 and 1, such as 0.01")
            for rate in self.fpr
            if not 0 < rate < 1
        ]
        if not self.fpr:
            problems.append(Problem("fpr", "names no rate"))
        if self.n_resamples < 1:
            problems.append(Problem("resamples", f"is {self.n_resamples}", accepted="1 or more"))
        if self.price_per_hour is not None and not self.price_per_hour > 0:
            problems.append(Problem("price-per-hour", f"is {self.price_per_hour}"))
        if self.leave_one_out not in (None, *heldout.KINDS):
            accepted = ", ".join(heldout.KINDS)
            what = f"is {self.leave_one_out!r}"
            problems.append(Problem("leave-one-out", what, accepted=accepted))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True, slots=True)
class BenchResult:
    """A finished bench: its folder, and the content of `bench.json`."""

    out: Path
    facts: Mapping[str, Any]

    def text(self) -> str:
        """The main rows as a table, for a terminal."""
        return render_bench(self.facts, self.out)

    def json(self) -> str:
        """Everything as canonical JSON."""
        return canonical_json(self.facts)


def run_bench(
    given: Sequence[str | Path],
    asked: Sequence[Asked],
    out: Path,
    settings: Settings,
    progress: Progress,
) -> BenchResult:
    """The bench of the detectors on the files, in the folder `out`.

    Raises RequestError before anything is scored, and RunError when all is written but a detector
    raised so often that it was given up.
    """
    settings.check()
    with only_run(out):
        require_empty(out, besides=OURS)
        entrants, sources = _opened(given, asked, settings)
        with progress("reading", None) as read_texts:
            corpus = read_corpus(sources, progress=read_texts)
        with progress("scoring", corpus.n_texts) as scored_texts:
            scores = score_corpus(corpus, entrants, out / "scores", progress=scored_texts)
        facts = _facts(corpus, entrants, scores, settings)
        write_json(out / "bench.json", facts)
        write_text(out / "bench.html", bench_page(facts))
        _write_predictions(out, corpus, entrants, scores)
    _raise_given_up(out, entrants, scores)
    return BenchResult(out, facts)


def _opened(
    given: Sequence[str | Path], asked: Sequence[Asked], settings: Settings
) -> tuple[list[Contestant], tuple[Source, ...]]:
    """Detectors and files. Raises InputError with what is wrong with either."""
    problems: list[Problem] = []
    entrants: list[Contestant] = []
    sources: tuple[Source, ...] = ()
    try:
        sources = open_sources(given, columns=settings.columns, labels=settings.labels)
    except InputError as error:
        problems += error.problems
    try:
        entrants = contestants(asked, calibrations=settings.calibrations, device=settings.device)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return entrants, sources


def _facts(
    corpus: Corpus, entrants: Sequence[Contestant], scores: Sequence[Scores], settings: Settings
) -> dict[str, Any]:
    judged = judge(corpus, entrants, scores, settings.fpr)
    fused = fuse(corpus, entrants, scores, settings.fpr)
    held = [heldout.Entrant(one.name, found) for one, found in zip(entrants, scores, strict=True)]
    question = Question(settings.fpr, settings.n_resamples, settings.seed)
    every = list(groups(corpus))
    return {
        "schema": SCHEMA,
        "rates": [rate_name(rate) for rate in settings.fpr],
        "bootstrap": {"resamples": settings.n_resamples, "seed": settings.seed},
        "files": _files(corpus),
        "detectors": [_detector(corpus, *pair) for pair in zip(entrants, scores, strict=True)],
        "fusion": fused[1] if fused else None,
        "rows": list(rows(corpus, every, [*judged, fused[0]] if fused else judged, question)),
        "non_native": list(extras.non_native(corpus, judged, settings.fpr, settings.non_native)),
        "held_out": _held_out(corpus, every, held, question, settings.leave_one_out),
        "curves": list(extras.curves(every, judged)),
        "speed": [
            extras.speed(one.name, found, price_per_hour=settings.price_per_hour)
            for one, found in zip(entrants, scores, strict=True)
        ],
        "price_per_hour": settings.price_per_hour,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": dict(_versions()),
    }


def _held_out(
    corpus: Corpus,
    every: Sequence[Group],
    held: Sequence[heldout.Entrant],
    question: Question,
    by: heldout.By | None,
) -> dict[str, Any] | None:
    """by, refitted: what was left out, and what fitted again; rows: see `heldout.rows`."""
    if by is None:
        return None
    return {
        "by": by,
        "refitted": heldout.statement(by, held),
        "rows": list(heldout.rows(corpus, every, held, question, by)),
    }


def _files(corpus: Corpus) -> list[dict[str, Any]]:
    found = []
    for number, source in enumerate(corpus.sources):
        label = corpus.label[corpus.source == number]
        found.append({
            "file": source.path.name,
            "layout": source.layout.name,
            "sha256": source.digest,
            "human": int((label == 0).sum()),
            "ai": int((label == 1).sum()),
            "unlabelled": int((label == UNLABELLED).sum()),
        })  # fmt: skip
    return found


def _detector(corpus: Corpus, one: Contestant, scores: Scores) -> dict[str, Any]:
    """fitted_on: datasets of the bench that its calibration names among its sources."""
    spec = one.detector.spec
    cells = one.calibration.cells if one.calibration else ()
    sources = {source.partition(":")[0] for cell in cells for source in cell.sources}
    return {
        "name": one.name,
        "version": spec.version,
        "unit": spec.unit,
        "reference": spec.reference,
        "fingerprint": one.fingerprint,
        "device": one.device,
        "calibration": one.calibration.data_digest if one.calibration else None,
        "fitted_on": sorted(sources.intersection(corpus.dataset.names)),
        "failure": asdict(scores.failure) if scores.failure else None,
    }


def _write_predictions(
    out: Path, corpus: Corpus, entrants: Sequence[Contestant], scores: Sequence[Scores]
) -> None:
    """predictions.json of one detector, predictions/NAME.json of several; none without RAID."""
    for one, found in zip(entrants, scores, strict=True):
        rows = extras.predictions(corpus, found)
        if rows and len(entrants) == 1:
            write_json(out / "predictions.json", rows)
        elif rows:
            (out / "predictions").mkdir(exist_ok=True)
            name = "".join(c if c.isalnum() or c in "._-@" else "_" for c in one.name)
            write_json(out / "predictions" / f"{name}.json", rows)


def _raise_given_up(out: Path, entrants: Sequence[Contestant], scores: Sequence[Scores]) -> None:
    for one, found in zip(entrants, scores, strict=True):
        if found.failure and found.given_up:
            raise RunError(
                f"{one.name} was given up: it raised on text {found.failure.id!r} and"
                f" {found.failure.n_texts - 1:,} more: {found.failure.message}"
                f" (the others are in {out}/bench.html)",
                shard="bench",
            )


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", platform.python_version()
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
