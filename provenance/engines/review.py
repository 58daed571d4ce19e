"""A sample of a dataset's documents for people to judge.

REVIEW/review.html     the page; it works from a file and saves verdicts.csv
REVIEW/review.csv      the same documents for a spreadsheet, with empty verdicts
REVIEW/evidence.csv    what the program found in each; look after judging
REVIEW/sample.parquet  the sample itself, for `review import`
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.atomic import replacing, write_text
from provenance.emit.canonical import digest_json
from provenance.emit.manifest import read_manifest
from provenance.engines.store import Store, require_empty
from provenance.errors import InputError, Problem
from provenance.policy.model import Policy
from provenance.policy.prior import recorded_policy
from provenance.report.printable import printable, printable_line
from provenance.report.review_page import review_page
from provenance.report.sentences import sentences
from provenance.report.statements import statement
from provenance.report.stored import stored_rows
from provenance.report.terminal import count
from provenance.session import Session

#: Of a text, what a person is asked to read; the sample keeps as much.
TEXT_CHARACTERS: Final = 6_000

SAMPLE = pa.schema(
    [
        pa.field("doc_id", contract.DOC_ID, nullable=False),
        pa.field("content_hash", contract.DOC_ID, nullable=False),
        pa.field("url", pa.string()),
        pa.field("host", pa.string()),
        pa.field("lang", pa.string()),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("tier", pa.uint8(), nullable=False),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("p_synthetic", pa.float32(), nullable=False),
        pa.field("human_tail", pa.float32()),
    ],
    metadata={b"provenance.schema": b"review/1"},
)

#: Columns of the sample that the query calls otherwise.
_SOURCES: Final = {"text": "beginning"}


@dataclass(frozen=True, slots=True)
class Review:
    """A sample ready to be judged: its folder, and how many documents it holds."""

    out: Path
    n_documents: int

    def text(self) -> str:
        """What to do next, for a terminal."""
        return printable(
            f"{count(self.n_documents, 'document')} to judge: open {self.out}/review.html in a"
            f" browser, or fill in {self.out}/review.csv\n"
            f"then: provenance review import verdicts.csv --review {self.out} --out VERDICTS"
        )


def make_review(dataset: Path, out: Path, *, sample: int, near_threshold: bool) -> Review:
    """A sample of `dataset` in the new folder `out`. Raises InputError, OutputError.

    near_threshold: the documents whose detection is closest to the policy's false-positive rate;
    else as many of each decision, reason and tier as of any other. Either by the policy's seed.
    """
    manifest = read_manifest(dataset)
    policy = recorded_policy(manifest["policy"])
    store = Store(dataset / manifest["scored"]["path"])
    if not store.parts("documents"):
        what = "its scored store, which holds the texts, is not beside it"
        raise InputError(Problem(str(dataset), what))
    require_empty(out)
    rows = _drawn(dataset, store, policy, n=sample, near_threshold=near_threshold)
    if not rows:
        raise InputError(Problem(str(dataset), "holds no document that could be judged"))
    write_text(
        out / "review.csv",
        _csv(
            ("doc_id", "verdict", "reviewer", "note", "url", "captured_at", "lang", "text"),
            map(_to_judge, rows),
        ),
    )
    write_text(
        out / "evidence.csv",
        _csv(
            ("doc_id", "decision", "reason", "tier", "p_synthetic", "human_tail", "seen"),
            map(_evidence, rows),
        ),
    )
    sample_id = digest_json([row["id"] for row in rows])
    write_text(out / "review.html", review_page(rows, sample=sample_id))
    with replacing(out / "sample.parquet") as temporary:
        pq.write_table(_table(rows), temporary)
    return Review(out, len(rows))


def _drawn(
    dataset: Path, store: Store, policy: Policy, *, n: int, near_threshold: bool
) -> list[dict[str, Any]]:
    """The sampled documents by doc_id, so that the order says nothing of the machine's view."""
    query, rate = "review_stratified", {}
    if near_threshold:
        query, rate = "review_near", {"rate": policy.false_positive_rate}
    parts = store.parts("documents")
    with TemporaryDirectory(prefix="provenance-") as folder, Session(Path(folder) / "s") as session:
        found = session.table(
            statement(query),
            decisions=[str(dataset / "decisions.parquet")],
            parts=parts,
            n=n,
            seed=policy.seed,
            **rate,
        ).to_pylist()
    places = ((row["part"], row["row"]) for row in found)
    stored = stored_rows(parts, places, n_chars=TEXT_CHARACTERS)
    whole = [row | stored[row["part"], row["row"]] for row in found]
    return [
        row | {"sentences": sentences({**row, "matches": (), "duplicate_match": None}, policy)}
        for row in sorted(whole, key=lambda row: row["id"])
    ]


def _to_judge(row: Mapping[str, Any]) -> tuple[str, ...]:
    captured = row["captured_at"]
    day = f"{captured:%Y-%m-%d}" if captured else ""
    return (row["id"], "", "", "", row["url"] or "", day, row["lang"] or "", row["beginning"])


def _evidence(row: Mapping[str, Any]) -> tuple[str, ...]:
    tail = row["human_tail"]
    return (
        row["id"], row["decision"], row["reason"] or "", str(row["tier"]),
        f"{row['p_synthetic']:.4g}", "" if tail is None else f"{tail:.4g}",
        "; ".join(line.strip() for line in row["sentences"]),
    )  # fmt: skip


def _csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV whose cells no spreadsheet takes for a formula (a leading apostrophe makes them text)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: str) -> str:
    shown = "\n".join(printable_line(line) for line in value.splitlines())
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") and shown[:1] else shown


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns = [
        pa.array([row[_SOURCES.get(field.name, field.name)] for row in rows], field.type)
        for field in SAMPLE
    ]
    return pa.Table.from_arrays(columns, schema=SAMPLE)
