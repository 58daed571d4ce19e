"""Small scored stores, and what the duplicate search says of them."""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance import batch as contract
from provenance.dedup.keeper import assign
from provenance.dedup.minhash import sign
from provenance.dedup.search import DedupParameters, Found, find_duplicates
from provenance.session import Session


def name_to_id(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Page:
    """One document; `text` is its normal form."""

    name: str
    text: str
    captured: str | None = "2020-01-01"
    host: str | None = None
    n_tokens: int = 100
    rank: int | None = None


@dataclass
class Outcome:
    """Edges and assignments by name instead of id."""

    found: Found
    edges: list[dict[str, Any]]
    rows: dict[str, dict[str, Any]]
    bytes: bytes = field(repr=False)

    def matches(self) -> set[tuple[str, str]]:
        return {(edge["doc_a"], edge["doc_b"]) for edge in self.edges}

    def kept(self) -> set[str]:
        return {name for name, row in self.rows.items() if row["is_keeper"]}

    def first_seen(self, name: str) -> str:
        return f"{self.rows[name]['first_seen']:%Y-%m-%d}"


def documents_table(pages: Sequence[Page]) -> pa.Table:
    when = [
        None if page.captured is None else datetime.datetime.fromisoformat(page.captured)
        for page in pages
    ]
    table = pa.table(
        {
            "doc_id": pa.array([name_to_id(page.name) for page in pages], contract.DOC_ID),
            "content_hash": pa.array([name_to_id(page.text) for page in pages], contract.DOC_ID),
            "captured_at": pa.array(when, pa.timestamp("us")).cast(contract.TIMESTAMP),
            "host": pa.array([page.host for page in pages], pa.string()),
            "n_tokens": pa.array([page.n_tokens for page in pages], pa.int64()),
        }
    )
    if any(page.rank is not None for page in pages):
        table = table.append_column("rank", pa.array([p.rank for p in pages], pa.int32()))
    return table


def signatures_table(pages: Sequence[Page]) -> pa.Table:
    signed = sign(pa.array([page.text for page in pages], pa.large_string()), num_perm=112)
    return pa.table(
        {
            "doc_id": pa.array([name_to_id(page.name) for page in pages], contract.DOC_ID),
            "n_shingles": signed.n_shingles,
            "signature": signed.signature,
            "sketch": signed.sketch,
        }
    )


Search = Callable[..., Outcome]
Write = Callable[[str, Sequence[Page]], tuple[str, str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write `pages` as one part of a store: its documents file and its signatures file."""

    def run(part: str, pages: Sequence[Page]) -> tuple[str, str]:
        files = str(tmp_path / f"{part}.documents"), str(tmp_path / f"{part}.signatures")
        pq.write_table(documents_table(pages), files[0])
        pq.write_table(signatures_table(pages[::-1]), files[1])
        return files

    return run


@pytest.fixture
def search(tmp_path: Path, write: Write) -> Search:
    """Search `pages`, written as `parts` files, and assign keepers."""

    def run(
        pages: Sequence[Page],
        *,
        parts: int = 1,
        parameters: DedupParameters | None = None,
        threads: int = 2,
        near_duplicates: bool = True,
    ) -> Outcome:
        files = [write(str(part), pages[part::parts]) for part in range(parts)]
        documents, signatures = zip(*files, strict=True)
        out = tmp_path / "duplicates.parquet"
        with Session(tmp_path / "scratch", threads=threads) as session:
            found = find_duplicates(
                session, documents=documents, signatures=signatures, out=out,
                parameters=parameters or DedupParameters(),
            )  # fmt: skip
            session.register("pages", documents_table(pages))
            session.run("CREATE TABLE scored AS SELECT * FROM pages")
            assign(
                session, duplicates=out, documents="scored", into="assigned",
                near_duplicates=near_duplicates,
            )  # fmt: skip
            assigned = session.table("SELECT * FROM assigned").to_pylist()
        return _named(pages, found, out, assigned)

    return run


def _named(
    pages: Sequence[Page], found: Found, out: Path, assigned: list[dict[str, Any]]
) -> Outcome:
    names = {name_to_id(page.name): page.name for page in pages}
    ids = ("doc_a", "doc_b", "cluster_id", "duplicate_of", "doc_id")
    edges, rows = (
        [{k: names.get(v, v) if k in ids else v for k, v in row.items()} for row in table]
        for table in (pq.read_table(out).to_pylist(), assigned)
    )
    by_name = {row["doc_id"]: row for row in rows}
    return Outcome(found, edges, by_name, out.read_bytes())


@pytest.fixture
def prose() -> Callable[..., str]:
    """Text of `n` words that no other seed shares five in a row with."""

    def write(n: int, *, seed: int) -> str:
        draw = random.Random(seed)
        return " ".join(f"w{draw.randrange(10**6)}" for _ in range(n))

    return write


@pytest.fixture
def page() -> type[Page]:
    return Page
