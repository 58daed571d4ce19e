"""The checks that stand between a fault of ours and a record silently lost."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawls import Page, prose

import provenance
from provenance.engines.task import run_stages
from provenance.errors import RunError


class Thief:
    """A stage that loses a row."""

    name = "thief"
    reads = adds = drops = ()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch.slice(1)


def test_a_stage_that_loses_a_row_stops_the_run() -> None:
    batch = pa.record_batch({"n": [1, 2]})

    with pytest.raises(AssertionError, match="stage 'thief' changed 2 rows to 1"):
        run_stages(batch, [Thief()])


def test_a_run_whose_sums_do_not_hold_fails(crawl: Path, tmp_path: Path, plain: Path) -> None:
    provenance.score([str(crawl)], out=tmp_path / "scored", workers=1)
    totals = json.loads((tmp_path / "scored" / "scored.json").read_text())
    totals["n_records"] += 1
    (tmp_path / "scored" / "scored.json").write_text(json.dumps(totals))

    with pytest.raises(RunError, match="29 records were read, but 27 documents and 1 rejects"):
        provenance.mix(tmp_path / "scored", out=tmp_path / "out", policy=plain)

    assert not (tmp_path / "out" / "manifest.json").exists()


def archive_in_a_page(path: Path) -> None:
    """A plain archive, one page of which shows an archive whose records have heads of their own."""
    inner = "".join(
        gzip.decompress(Page(f"https://inner.example/{i}", prose(50 + i)).record()).decode()
        for i in range(6)
    )
    pages = [
        Page("https://a.example/1", prose(1)),
        Page("https://a.example/archive", inner, media_type="text/plain"),
        Page("https://a.example/2", prose(2)),
    ]
    path.write_bytes(b"".join(gzip.decompress(page.record()) for page in pages))


@pytest.mark.parametrize("slice_bytes", [1500, 2500, 4000])
def test_a_slice_that_begins_inside_a_page_is_done_anew(
    tmp_path: Path, plain: Path, slice_bytes: int
) -> None:
    """The heads inside look as good as any; the slice before shows where its record ends."""
    archive_in_a_page(tmp_path / "a.warc")

    provenance.clean(
        [str(tmp_path / "a.warc")],
        out=tmp_path / "out",
        policy=plain,
        workers=1,
        slice_bytes=slice_bytes,
    )

    urls = pq.read_table(tmp_path / "out" / "decisions.parquet").column("url").to_pylist()
    assert urls == ["https://a.example/1", "https://a.example/archive", "https://a.example/2"]
