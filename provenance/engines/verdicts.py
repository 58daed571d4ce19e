"""What people judged, checked, kept and compared with the machine.

VERDICTS/verdicts.parquet      one row per document and reviewer
VERDICTS/agreement.json        how far people and the machine agree
VERDICTS/calibration.jsonl.gz  texts with labels, as `detectors.classifier.examples` reads them
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.classifier.examples import FIELDS, Example
from provenance import batch as contract
from provenance.emit.atomic import replacing, write_json
from provenance.emit.canonical import canonical_json
from provenance.engines.review import SAMPLE
from provenance.engines.store import require_empty
from provenance.errors import InputError, Problem, nearest
from provenance.report.agreement import VERDICTS, agreement, consensus
from provenance.report.printable import printable
from provenance.report.terminal import table

COLUMNS: Final = ("doc_id", "verdict", "reviewer", "note")
#: Longest name of a reviewer, and longest note.
_LONGEST: Final = {"reviewer": 200, "note": 2_000}

TABLE = pa.schema(
    [
        pa.field("doc_id", contract.DOC_ID, nullable=False),
        pa.field("content_hash", contract.DOC_ID, nullable=False),
        pa.field("reviewer", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("note", pa.string(), nullable=False),
    ],
    metadata={b"provenance.schema": b"verdicts/1"},
)

#: What a label of the calibration data is called.
_LABELS: Final = {"human": "human", "machine": "ai"}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Imported verdicts: their folder, and what they say of the machine."""

    out: Path
    agreement: Mapping[str, Any]

    def text(self) -> str:
        """The agreement in a few lines, for a terminal."""
        facts = self.agreement
        rows = [
            (ours, *(f"{facts['confusion'][ours][theirs]:,}" for theirs in VERDICTS))
            for ours in facts["confusion"]
        ]
        kappa = "none" if facts["kappa"] is None else f"{facts['kappa']:.3f}"
        lines = [
            table(("machine \\ people", *VERDICTS), rows),
            f"Cohen's kappa, where both take a side: {kappa}",
            _rate("human documents that the machine calls synthetic", facts["false_positives"]),
            _rate("machine documents that the machine calls human", facts["misses"]),
            f"the verdicts are in {self.out}; used by: provenance mix SCORED --verdicts {self.out}",
        ]
        return printable("\n".join(lines))

    def json(self) -> str:
        """The agreement as canonical JSON."""
        return canonical_json(self.agreement)


def _rate(what: str, rate: Mapping[str, Any]) -> str:
    share = "unknown" if rate["share"] is None else f"{rate['share']:.1%}"
    return (
        f"{what}: {rate['documents']:,} of {rate['of']:,}, {share}"
        f" ({rate['low']:.1%} to {rate['high']:.1%}); of the reviewed documents alone"
    )


def import_verdicts(files: Sequence[Path], review: Path, out: Path) -> Verdicts:
    """The verdicts in `files` over the sample in the folder `review`, stored in the folder `out`.

    Raises InputError with every fault, each with its file and line.
    """
    sample = _sample(review)
    rows = _checked(files, sample)
    require_empty(out)
    judged: dict[str, list[str]] = {}
    for row in rows:
        judged.setdefault(row["doc_id"], []).append(row["verdict"])
    tiers = {doc: sample[doc]["tier"] for doc in judged}
    facts = agreement(judged, tiers)
    with replacing(out / "verdicts.parquet") as temporary:
        pq.write_table(_table(rows, sample), temporary)
    _write_calibration(out / "calibration.jsonl.gz", judged, sample)
    write_json(out / "agreement.json", facts)
    return Verdicts(out, facts)


def _sample(review: Path) -> dict[str, dict[str, Any]]:
    path = review / "sample.parquet"
    try:
        rows = pq.read_table(path, schema=SAMPLE).to_pylist()
    except (OSError, pa.ArrowException) as error:
        accepted = "a folder that `provenance review` made"
        raise InputError(Problem(str(review), "holds no sample", accepted=accepted)) from error
    return {row["doc_id"].hex(): row for row in rows}


def _checked(files: Sequence[Path], sample: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every judgement, by document and reviewer. A row without a verdict was not judged."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], str] = {}
    rows = []
    for place, row in _read(files, problems):
        who = (row["doc_id"], row["reviewer"])
        faults = list(_faults(place, row, sample))
        if row["verdict"] and who in seen:
            what = f"this reviewer judged the document already, at {seen[who]}"
            faults.append(Problem(place, what))
        problems += faults
        if row["verdict"] and not faults:
            seen[who] = place
            rows.append(row)
    if not problems and not rows:
        problems = [Problem(", ".join(map(str, files)), "no verdict is in it")]
    if problems:
        raise InputError(problems)
    return sorted(rows, key=lambda row: (row["doc_id"], row["reviewer"]))


def _read(files: Sequence[Path], problems: list[Problem]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of all files with their places; what cannot be read is added to `problems`."""
    for path in files:
        try:
            # A spreadsheet saves UTF-8 with a byte order mark.
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(path), f"cannot be read: {error}", accepted="CSV in UTF-8"))
            continue
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="more")
        missing = [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]
        if missing:
            accepted = f"columns {', '.join(COLUMNS)}; the last two may be missing"
            what = f"has no column {', '.join(missing)}"
            problems.append(Problem(str(path), what, accepted=accepted))
            continue
        try:
            for row in reader:
                shown = {name: (row.get(name) or "").strip() for name in COLUMNS}
                yield f"{path}:{reader.line_num}", {**shown, "verdict": shown["verdict"].lower()}
        except csv.Error as error:
            problems.append(Problem(f"{path}:{reader.line_num}", f"is no CSV: {error}"))


def _faults(place: str, row: Mapping[str, str], sample: Mapping[str, Any]) -> Iterator[Problem]:
    verdict = row["verdict"]
    if row["doc_id"] not in sample:
        yield Problem(place, f"doc_id {row['doc_id'][:40]!r} is not in the sample")
    if verdict and verdict not in VERDICTS:
        yield Problem(
            place,
            f"verdict {verdict[:40]!r}",
            accepted=", ".join(VERDICTS),
            suggestion=nearest(verdict, VERDICTS),
        )
    for name, longest in _LONGEST.items():
        if len(row[name]) > longest:
            yield Problem(place, f"{name} has {len(row[name]):,} characters; at most {longest:,}")


def _table(rows: Sequence[Mapping[str, str]], sample: Mapping[str, Any]) -> pa.Table:
    values = [
        {
            **row,
            "doc_id": bytes.fromhex(row["doc_id"]),
            "content_hash": sample[row["doc_id"]]["content_hash"],
        }
        for row in rows
    ]
    return pa.Table.from_pylist(values, schema=TABLE)


def _write_calibration(
    path: Path, judged: Mapping[str, Sequence[str]], sample: Mapping[str, Any]
) -> None:
    """The documents that people agree on, one JSON object a line."""
    lines = []
    for doc, verdicts in judged.items():
        one, label = sample[doc], _LABELS.get(consensus(verdicts))
        if label is not None:
            example = _example(one, label)
            row = {name: getattr(example, name) for name in FIELDS}
            lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    with replacing(path) as temporary:
        temporary.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


def _example(one: Mapping[str, Any], label: str) -> Example:
    """A labelled text. source: the host of a human text, the unit that is held out."""
    text, language = one["text"], one["lang"] or "und"
    if label == "human":
        host = one["host"] or "unknown"
        return Example(text, label, language, dataset="review", source=host)
    return Example(text, label, language, dataset="review", source="review", generator="unknown")
