"""Recall and precision of the duplicate search on the labelled crawl, for several parameters.

    PROVENANCE_DATA=... python benchmarks/quality/dedup.py

One row of dedup.csv per setting and near-duplicate type of the truth:

recall: late copies that match what they were copied from; lent: those given its date or an earlier
one; dropped: those dropped for a kept document.
Per setting, over all documents: n_compared pairs; right and other: documents dropped for one of
their own truth group, and for any other. A truth group is what `dup_of`, a shared `anchor_url` or
equal `main_text` joins. Other is an upper bound of the error: it holds rows that the truth keeps
apart although their text is the same (rewrites of one text, empty shells). early_ai: AI pages dated
before 2022, which would be wrong.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import os
import platform
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import numba
import pyarrow as pa
import pyarrow.parquet as pq
from fastwarc.warc import ArchiveIterator, WarcRecordType

from provenance import batch as contract
from provenance.dedup.keeper import assign
from provenance.dedup.minhash import sign
from provenance.dedup.search import DedupParameters, find_duplicates
from provenance.session import Session
from provenance.text.charset import decode
from provenance.text.html import main_text
from provenance.text.normal import normal_form

HERE = Path(__file__).parent
CUTOFF = "2022"
DEFAULT = DedupParameters()
SETTINGS: dict[str, DedupParameters] = {
    "default": DEFAULT,
    **{
        f"{name}={value}": replace(DEFAULT, **{name: value})
        for name, values in {
            "min_containment": (0.45, 0.5, 0.6, 0.7, 0.8),
            "min_whole": (0.0, 0.25),
            "min_shared": (4, 8, 12),
            "min_jaccard": (0.8, 0.9),
            "boilerplate_pages": (3, 1_000_000),
            "boilerplate_share": (0.05, 0.3),
            "bucket_heads": (4, 64),
        }.items()
        for value in values
    },
}
_SCORED = "CREATE TABLE scored AS SELECT * FROM read_parquet($p)"
CIRCUMSTANCES = ("date", "commit", "machine", "python", "numba", "duckdb")
MEASURES = (
    "setting", "type", "n", "recall", "lent", "dropped", "n_compared", "right",
    "other", "early_ai",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """One page of the crawl; `text` is the normal form of what was extracted."""

    name: str
    text: str
    captured: datetime.datetime
    host: str | None

    @property
    def doc_id(self) -> bytes:
        return digest(self.name)


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def crawl(data: Path, truth: Mapping[str, dict[str, Any]]) -> Iterator[Document]:
    """The pages of the polluted crawl that a reader would extract."""
    for path in sorted((data / "crawl" / "polluted").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(
                stream, record_types=WarcRecordType.response, auto_decode="all"
            ):
                media_type = record.http_content_type or ""
                if record.http_headers.status_code == 200 and media_type.startswith("text/html"):
                    row = truth[record.record_id]
                    yield Document(
                        row["record_id"],
                        normal_form(extract(record.reader.read(), record.http_headers)),
                        datetime.datetime.fromisoformat(row["warc_date"]),
                        urlsplit(row["url"]).hostname,
                    )


def extract(body: bytes, headers: Any) -> str:
    text = decode(body, content_type=headers.get("Content-Type")).text
    return (main_text(text) or "") if text else ""


def write_store(documents: Sequence[Document], folder: Path) -> None:
    ids = pa.array([one.doc_id for one in documents], contract.DOC_ID)
    signed = sign(
        pa.array([one.text for one in documents], pa.large_string()), num_perm=DEFAULT.num_perm
    )
    columns = {"n_shingles": signed.n_shingles, "signature": signed.signature}
    pq.write_table(
        pa.table({"doc_id": ids, **columns, "sketch": signed.sketch}), folder / "signatures"
    )
    hashes = pa.array([digest(one.text) for one in documents], contract.DOC_ID)
    captured = pa.array([one.captured for one in documents], contract.TIMESTAMP)
    columns = {
        "content_hash": hashes,
        "captured_at": captured,
        "host": pa.array([one.host for one in documents], pa.string()),
        "n_tokens": pa.array([len(one.text.split()) for one in documents], pa.int64()),
    }
    pq.write_table(pa.table({"doc_id": ids, **columns}), folder / "documents")


def search(folder: Path, parameters: DedupParameters) -> tuple[int, Any, Any]:
    """How many pairs were compared, the edges, and the assignments, for the store in `folder`."""
    out = folder / "duplicates"
    with Session(folder / "scratch") as session:
        found = find_duplicates(
            session,
            documents=[str(folder / "documents")],
            signatures=[str(folder / "signatures")],
            out=out,
            parameters=parameters,
        )
        session.run(_SCORED, p=[str(folder / "documents")])
        assign(session, duplicates=out, documents="scored", into="assigned")
        assigned = session.table("SELECT * FROM assigned").to_pylist()
    return found.n_compared, pq.read_table(out).to_pylist(), assigned


class Groups:
    """Sets of names joined pair by pair."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, name: str) -> str:
        self._parent.setdefault(name, name)
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        self._parent[self.find(one)] = self.find(other)


def truth_groups(truth: Mapping[str, dict[str, Any]]) -> Groups:
    groups = Groups()
    for name, row in truth.items():
        for kind in ("dup_of", "anchor_url", "main_text"):
            value = row[kind]
            if value and (kind != "main_text" or len(value) > 40):
                groups.join(name, value if kind == "dup_of" else f"{kind} {value}")
    return groups


def measure(
    truth: Mapping[str, dict[str, Any]],
    documents: Sequence[Document],
    result: tuple[int, Any, Any],
) -> Iterator[dict[str, Any]]:
    """One row per near-duplicate type."""
    n_compared, edges, assigned = result
    names = {one.doc_id: one.name for one in documents}
    rows = {names[row["doc_id"]]: row for row in assigned}
    captured = {one.name: one.captured for one in documents}
    groups = truth_groups(truth)
    star = {names[e["doc_b"]]: names[e["doc_a"]] for e in edges if e["kind"] == "exact"}
    covered = {(names[e["doc_b"]], names[e["doc_a"]]) for e in edges if e["b_is_covered"]}
    covered |= {(names[e["doc_a"]], names[e["doc_b"]]) for e in edges if e["a_is_covered"]}
    whole = Counter(
        "right" if groups.find(name) == groups.find(names[row["duplicate_of"]]) else "other"
        for name, row in rows.items()
        if name in truth and names.get(row["duplicate_of"]) in truth
    )
    early_ai = sum(
        truth[name]["label"] == "ai" and f"{row['first_seen']:%Y}" < CUTOFF
        for name, row in rows.items()
        if name in truth
    )
    for kind, late in sorted(late_copies(truth, rows).items()):
        found: Counter[str] = Counter()
        for name, original in late:
            row, matched = rows[name], (star.get(name, name), star.get(original, original))
            found["recall"] += matched[0] == matched[1] or matched in covered
            found["lent"] += row["first_seen"] <= captured[original]
            found["dropped"] += not row["is_keeper"]
        yield {
            "type": kind, "n": len(late), **found, "n_compared": n_compared,
            "right": whole["right"], "other": whole["other"], "early_ai": early_ai,
        }  # fmt: skip


def late_copies(
    truth: Mapping[str, dict[str, Any]], rows: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """By type, the names of each copy and of its original, where both are in the crawl."""
    late: dict[str, list[tuple[str, str]]] = {}
    for name, row in truth.items():
        if row["kind"] in ("near_dup", "exact_dup") and {name, row["dup_of"]} <= rows.keys():
            late.setdefault(row["near_dup_type"] or "exact", []).append((name, row["dup_of"]))
    return late


def circumstances() -> dict[str, str]:
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False, cwd=HERE).stdout
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit.strip() or "none",
        "machine": f"{platform.machine()} x{os.cpu_count()}",
        "python": platform.python_version(),
        "numba": numba.__version__,
        "duckdb": duckdb.__version__,
    }


def main() -> None:
    """Append the rows of every setting to dedup.csv and print them."""
    data = Path(os.environ["PROVENANCE_DATA"])
    table = pq.read_table(data / "crawl" / "truth.parquet")
    truth = {row["record_id"]: row for row in table.to_pylist()}
    documents = list(crawl(data, truth))
    where = circumstances()
    path = HERE / "dedup.csv"
    is_new = not path.exists()
    with tempfile.TemporaryDirectory() as name, path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, (*CIRCUMSTANCES, *MEASURES))
        if is_new:
            writer.writeheader()
        write_store(documents, Path(name))
        for setting, parameters in SETTINGS.items():
            for row in measure(truth, documents, search(Path(name), parameters)):
                writer.writerow({**where, "setting": setting, **row})
                print(setting, *row.values(), flush=True)


if __name__ == "__main__":
    main()
