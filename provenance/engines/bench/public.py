"""`bench` as the library offers it: the words of the command, checked and passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from provenance.engines.bench.contestants import Asked, asked_list
from provenance.engines.bench.extras import NON_NATIVE
from provenance.engines.bench.heldout import By
from provenance.engines.bench.layouts import Labels, NamedColumns
from provenance.engines.bench.run import BenchResult, Settings, run_bench

Paths = str | Path | Sequence[str | Path]


def bench(
    files: Paths,
    *,
    detectors: Asked | Sequence[Asked],
    out: str | Path,
    fpr: Sequence[float] = (0.01, 0.05),
    calibration: Paths = (),
    columns: NamedColumns | None = None,
    labels: str | None = None,
    non_native: Sequence[str] = NON_NATIVE,
    price_per_hour: float | None = None,
    resamples: int = 1000,
    seed: int = 0,
    leave_one_out: By | None = None,
    device: str = "cpu",
    progress: bool = False,
) -> BenchResult:
    """What detectors are worth on labelled texts: bench.json and bench.html in the folder `out`.

    files: RAID, MAGE or HC3 as published, or any CSV, JSON Lines or Parquet file with a text and a
    label; `columns` where they have other names. detectors: names, NAME@MODEL,
    package.module:attribute, objects or functions (`contestants`). labels: what label values mean,
    such as "human=0,ai=1". calibration: files of `provenance calibrate`, each for its detector.
    leave_one_out: "generator", "domain" or "dataset"; `heldout` says what is then fitted again.
    device: where the models of NAME@MODEL run: cpu, cuda or cuda:N.
    Scores are kept in `out`: an interrupted call, made again, goes on. Raises InputError, and
    RunError where a detector raised again and again; the others are then reported all the same.
    """
    settings = Settings(
        fpr=tuple(sorted(set(fpr))),
        columns=columns or NamedColumns(),
        labels=Labels.parse(labels) if labels else Labels(),
        calibrations=tuple(_paths(calibration)),
        non_native=tuple(non_native),
        price_per_hour=price_per_hour,
        n_resamples=resamples,
        seed=seed,
        leave_one_out=leave_one_out,
        device=device,
    )
    bar = _bar if progress else _silent
    return run_bench(_paths(files), asked_list(detectors), Path(out), settings, bar)


def _paths(given: Paths) -> list[str | Path]:
    return [given] if isinstance(given, str | Path) else list(given)


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A counter of texts; a bar on stderr when that is a terminal."""
    with tqdm(desc=what, total=total, unit=" texts", disable=None) as bar:

        def done(n: int) -> None:
            bar.update(n)

        yield done


@contextmanager
def _silent(what: str, total: int | None) -> Iterator[None]:  # noqa: ARG001
    yield None
