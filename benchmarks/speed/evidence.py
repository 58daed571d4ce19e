"""What reading marks costs on pages that carry none, as a share of their extraction.

Both sides take the same decoded pages, in turns, and the fastest of the turns counts. Extraction:
decoding, the guard against hostile HTML and the main text, as the stage `extract` does them.
Evidence: everything else that this stage and `gather` do: the marks of page and headers, hidden
characters, the look for credentials, and the columns. Pages with any mark are left out, except
`generator` elements of site builders and words such as "AI", which are no marks.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pyarrow as pa
from measure import data_folder, record

from detectors.hidden_unicode import clean
from provenance import batch as contract
from provenance.evidence.credentials import LINK, may_hold_credentials
from provenance.evidence.hidden import hidden_facts
from provenance.evidence.page import HEADERS, read_page
from provenance.sources.inputs import list_inputs
from provenance.sources.read import read_slice
from provenance.sources.slices import cut
from provenance.stages.extract import Extract
from provenance.stages.gather import Gather
from provenance.text.bounds import parsing_fault
from provenance.text.charset import decode
from provenance.text.html import main_text


class Sample(NamedTuple):
    """One page without marks: as received, in UTF-8, and its text before hidden characters go."""

    raw: bytes
    page: bytes
    headers: Mapping[str, str]
    text: str


def documents() -> list[pa.RecordBatch]:
    """The HTML documents of the simulated crawl."""
    slices = cut(list_inputs([str(data_folder() / "crawl" / "polluted")]).files, slice_bytes=2**30)
    batches = [given.documents for one in slices for given in read_slice(one)]
    html = [pa.compute.not_equal(batch.column("media_type"), "text/plain") for batch in batches]
    return [batch.filter(kept) for batch, kept in zip(batches, html, strict=True)]


def samples(batches: list[pa.RecordBatch]) -> list[Sample]:
    """The pages with a text and without any mark, of those in UTF-8."""
    found = []
    for batch in batches:
        done = Extract()(batch)
        for raw, headers, marks, rights, text, charset in zip(
            batch.column("raw").to_pylist(), batch.column("headers").to_pylist(),
            *(done.column(n).to_pylist() for n in ("marks", "page_rights", "text", "charset")),
            strict=True,
        ):  # fmt: skip
            if text and not marks and not rights and charset == "utf-8":
                looked_at = {name: value for name, value in headers if name in HEADERS}
                found.append(Sample(raw, raw, looked_at, text))
    return found


def extraction(sample: Sample) -> None:
    decoded = decode(sample.raw, content_type="text/html")
    if parsing_fault(sample.page) is None:
        main_text(decoded.text or "")


def page_marks(sample: Sample) -> None:
    read_page(sample.page, sample.headers)


def hidden(sample: Sample) -> None:
    hidden_facts(clean(sample.text))


def credentials(sample: Sample) -> None:
    may_hold_credentials(sample.page, sample.headers.get(LINK), _CLEAN)


_CLEAN = clean("clean")
SIDES: Mapping[str, Callable[[Sample], None]] = {
    "extraction": extraction, "page_marks": page_marks, "hidden": hidden,
    "credentials": credentials,
}  # fmt: skip


def gathering_seconds(batches: list[pa.RecordBatch]) -> float:
    """CPU seconds of `gather` and of the columns that `extract` adds for it."""
    empty = [
        contract.append(
            batch.select(["captured_at", "truncated"]),
            {
                "text": pa.nulls(batch.num_rows, pa.large_string()),
                "marks": pa.array([[]] * batch.num_rows, type=contract.EVIDENCE),
            },
        )
        for batch in batches
    ]
    start = time.process_time()
    for batch in empty:
        Gather()(batch)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    batches = documents()
    pages = samples(batches)
    for side in SIDES.values():
        side(pages[0])
    best = dict.fromkeys(SIDES, float("inf"))
    for _ in range(options.turns):
        for name, side in SIDES.items():
            start = time.process_time()
            for page in pages:
                side(page)
            best[name] = min(best[name], time.process_time() - start)
    n_rows = sum(batch.num_rows for batch in batches)
    gather = min(gathering_seconds(batches) for _ in range(options.turns)) * len(pages) / n_rows
    parts = {name: seconds for name, seconds in best.items() if name != "extraction"}
    share = (sum(parts.values()) + gather) / best["extraction"]
    to_us = 1e6 / len(pages)
    record(
        "evidence",
        {
            "pages": len(pages),
            "mean_bytes": sum(len(page.page) for page in pages) // len(pages),
            "extraction_us": round(best["extraction"] * to_us, 1),
            **{f"{name}_us": round(seconds * to_us, 1) for name, seconds in parts.items()},
            "gather_us": round(gather * to_us, 1),
            "share_of_extraction": round(share, 4),
            "turns": options.turns,
        },
    )


if __name__ == "__main__":
    main()
