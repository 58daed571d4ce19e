"""The share of synthetic text in a corpus and its parts, from scores that are stored already."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
from numpy.typing import NDArray

from detectors.calibrate import LENGTHS
from detectors.calibration import Calibration, CalibrationError, Fingerprint, choose, load_all
from detectors.cell import SHAPE_EDGES, Cell
from detectors.mixture import BOUND_TAILS, Share, bound_edges, lower_bound, mixture_share
from detectors.shipped import calibration_for
from provenance.emit.canonical import canonical_json
from provenance.engines.statements import statement
from provenance.engines.store import Store
from provenance.errors import InputError, Problem, nearest
from provenance.report.estimate import render_estimates
from provenance.session import Session

BY: Final = ("host", "language", "month", "stratum")
#: Judged documents below which a group has no estimate.
MIN_DOCUMENTS: Final = 30
COLUMNS: Final = (
    "by", "group", "documents", "tokens", "judged", "share", "low", "high", "share_tokens",
    "method", "fits", "misfit", "reference",
)  # fmt: skip
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Estimates:
    """One row per group, with the columns of COLUMNS; the first is all documents.

    judged: documents that a cell reads; the estimate is of these. share: of synthetic documents,
    with the 95 % interval low to high. share_tokens: of their tokens. method: "mixture";
    "lower_bound" (human texts alone are the reference: only low is known); "too_few" or "none" (no
    document could be judged). fits: whether the scores look like any mixture of the reference's;
    where not, the interval does not hold. reference: digest of the calibration.
    """

    rows: tuple[Mapping[str, Any], ...]

    def text(self) -> str:
        """The rows for a terminal."""
        return render_estimates(self.rows)

    def json(self) -> str:
        """The rows as canonical JSON."""
        return canonical_json(list(self.rows))

    def csv(self) -> str:
        """The rows as CSV."""
        file = io.StringIO()
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Group:
    """Counts of one group: documents and tokens by cell and bin, and all it has."""

    name: str
    documents: int
    tokens: int
    counts: NDArray[np.float64]
    token_counts: NDArray[np.float64]


def check_by(by: Sequence[str]) -> None:
    """Raises InputError naming every kind of group that does not exist."""
    problems = [
        Problem("by", f"no group {name!r}", accepted=", ".join(BY), suggestion=nearest(name, BY))
        for name in by
        if name not in BY
    ]
    if problems:
        raise InputError(problems)


def stored(path: Path) -> bool:
    """Whether the folder is a dataset or a scored store."""
    return any((path / name).is_file() for name in ("scored.json", "scored/scored.json"))


def estimate_stored(
    out: Path, by: Sequence[str], *, calibration: str | Path | None = None
) -> Estimates:
    """Estimates over a dataset or a scored store. Raises InputError.

    calibration: the reference, in the place of the one that the scores were read with.
    """
    store = Store(out if (out / "scored.json").is_file() else out / "scored")
    store.totals()
    decisions = out / "decisions.parquet"
    if "stratum" in by and not decisions.is_file():
        what = "a scored store has no strata"
        raise InputError(Problem(str(out), what, accepted="the folder of a dataset"))
    reference = _reference(store, calibration)
    cells = _cells(reference)
    detector = reference.fingerprint.detector
    with TemporaryDirectory(prefix="provenance-") as folder, Session(Path(folder) / "s") as session:
        session.register("cells", _table(cells))
        session.run(
            "CREATE TABLE strata (doc_id BLOB, stratum VARCHAR)"
            if not decisions.is_file()
            else "CREATE TABLE strata AS SELECT doc_id, stratum FROM read_parquet($decisions)",
            **({"decisions": str(decisions)} if decisions.is_file() else {}),
        )
        session.register("parts", _scored(store, detector))
        session.run("CREATE TABLE scored AS FROM parts")
        rows = [
            row
            for kind in ("all", *dict.fromkeys(by))
            for row in _estimates(session, kind, [cell for *_, cell in cells])
        ]
    return Estimates(tuple({**row, "reference": reference.digest} for row in rows))


def _reference(store: Store, calibration: str | Path | None) -> Calibration:
    """The calibration of the first detector that has one: it was asked about every document."""
    own = [Calibration.from_json(one) for one in store.calibrations]
    try:
        given = load_all(calibration) if calibration is not None else own
        for one in store.detectors:
            fingerprint = Fingerprint(**one["fingerprint"])
            if any(held.fingerprint.detector == one["name"] for held in given):
                return choose(given, fingerprint)
            if calibration is None and (shipped := calibration_for(fingerprint)) is not None:
                return shipped
    except CalibrationError as error:
        raise InputError(Problem("calibration", str(error))) from error
    names = ", ".join(one["name"] for one in store.detectors)
    what = f"no detector of this store has one (asked were: {names})"
    raise InputError(Problem("calibration", what, accepted="a file that `calibrate` made for one"))


def _scored(store: Store, detector: str) -> pa.RecordBatchReader:
    """What estimates need of every document, with the detector's score."""
    names = {name: name for name in ("doc_id", "host", "lang", "captured_at", "n_tokens")}
    names |= {"score": f"score_{detector}", "scored_tokens": f"tokens_{detector}"}
    columns = {name: ds.field(stored) for name, stored in names.items()}
    parts = ds.dataset(store.parts("documents"), format="parquet")
    reader: pa.RecordBatchReader = parts.scanner(columns=columns).to_reader()
    return reader


def _cells(reference: Calibration) -> list[tuple[str, int, int, Cell]]:
    """The cell that reads each language and length."""
    languages = sorted({cell.language for cell in reference.cells})
    found = ((language, *length, reference.cell(language, length[0]))
             for language in languages for length in LENGTHS)  # fmt: skip
    return [(language, low, high, cell) for language, low, high, cell in found if cell is not None]


def _table(cells: Sequence[tuple[str, int, int, Cell]]) -> pa.Table:
    rows = [
        {"cell": i, "language": language, "min_tokens": low, "max_tokens": high,
         "edges": _edges(cell).tolist()}
        for i, (language, low, high, cell) in enumerate(cells)
    ]  # fmt: skip
    schema = pa.schema(
        [("cell", pa.int32()), ("language", pa.string()), ("min_tokens", pa.int32()),
         ("max_tokens", pa.int32()), ("edges", pa.list_(pa.float64()))]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _edges(cell: Cell) -> NDArray[np.float64]:
    return cell.shape_edges() if cell.ai_shapes else bound_edges(cell)


def _estimates(session: Session, kind: str, cells: Sequence[Cell]) -> Iterator[dict[str, Any]]:
    hosts = dict(session.rows(statement("estimate_hosts"), by=kind))
    for group in _groups(session, kind, n_cells=len(cells)):
        share, method = _share(group, cells, n_sources=max(1, hosts[group.name]))
        yield {
            "by": kind,
            "group": group.name,
            "documents": group.documents,
            "tokens": group.tokens,
            "judged": int(group.counts.sum()),
            **_numbers(share, group),
            "method": method,
            "fits": share.fits,
        }


def _groups(session: Session, kind: str, *, n_cells: int) -> Iterator[_Group]:
    shape = (n_cells, len(SHAPE_EDGES) + 1)
    table = session.table(statement("estimate"), by=kind)
    for name, rows in groupby(table.to_pylist(), key=lambda row: row["name"]):
        counts, tokens = np.zeros(shape), np.zeros(shape)
        documents = n_tokens = 0
        for row in rows:
            documents, n_tokens = documents + row["documents"], n_tokens + row["tokens"]
            if row["cell"] is not None:
                counts[row["cell"], row["bin"]] = row["documents"]
                tokens[row["cell"], row["bin"]] = row["tokens"]
        yield _Group(name, documents, n_tokens, counts, tokens)


def _share(group: _Group, cells: Sequence[Cell], *, n_sources: int) -> tuple[Share, str]:
    """The estimate of a group, by the best reference that its documents have."""
    n_judged = group.counts.sum(axis=1)
    if n_judged.sum() < MIN_DOCUMENTS:
        return Share(None, 0.0, None), "too_few" if n_judged.sum() else "none"
    used = n_judged > 0
    counts, chosen = group.counts[used], list(compress(cells, used.tolist()))
    if all(cell.ai_shapes for cell in chosen):
        return mixture_share(counts, chosen, n_sources=n_sources), "mixture"
    n_edges = len(BOUND_TAILS)
    above = np.cumsum(counts[:, n_edges:0:-1], axis=1)  # the highest bin has the smallest tails
    return lower_bound(above, counts.sum(axis=1), chosen), "lower_bound"


def _numbers(share: Share, group: _Group) -> dict[str, Any]:
    made = {
        "share": share.share,
        "low": share.low if share.high is not None or share.low else None,
        "high": share.high,
        "share_tokens": _share_of_tokens(share, group),
        "misfit": share.misfit,
    }
    return {name: None if x is None else round(x, _DIGITS) for name, x in made.items()}


def _share_of_tokens(share: Share, group: _Group) -> float | None:
    if share.in_bin is None:
        return None
    tokens = group.token_counts[group.counts.sum(axis=1) > 0]
    return float((tokens * share.in_bin).sum() / max(tokens.sum(), 1.0))
