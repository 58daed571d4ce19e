"""Peak memory of `provenance clean` with two workers, on a crawl once and ten times over.

The tenfold input is ten copies of every shard under other names whose records have other ids, so
that nothing is skipped as given twice. Memory is summed over all processes of the run.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from fastwarc.warc import ArchiveIterator
from measure import data_folder, record, run

_RECORD_ID = re.compile(rb"(WARC-Record-ID: <urn:uuid:)[0-9a-f]{8}", re.IGNORECASE)


def multiply(source: Path, folder: Path, times: int) -> None:
    """Copies of every shard of `source` in `folder`, with record ids of their own."""
    for shard in sorted(source.glob("*.warc.gz")):
        members = [gzip.decompress(member) for member in split(shard.read_bytes())]
        for copy in range(times):
            with (folder / f"{copy}-{shard.name}").open("wb") as file:
                for member in members:
                    renamed = _RECORD_ID.sub(rb"\g<1>%08x" % copy, member, count=1)
                    file.write(gzip.compress(renamed, 1))


def split(archive: bytes) -> Iterator[bytes]:
    """The gzip members of an archive."""
    records = ArchiveIterator(BytesIO(archive), parse_http=False)
    heads = [record.stream_pos for record in records]
    for start, end in itertools.pairwise([*heads, len(archive)]):
        yield archive[start:end]


def peak(source: Path) -> tuple[float, int]:
    """Peak MiB of one clean of `source` with two workers, and its records."""
    with tempfile.TemporaryDirectory() as out:
        cost = run([sys.executable, "-m", "provenance.cli.main", "clean", str(source),
                    "--out", f"{out}/out", "--workers", "2", "--json"])  # fmt: skip
    return cost.peak_rss_mib, json.loads(cost.output)["summary"]["records"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    source = data_folder() / "crawl" / "polluted"
    with tempfile.TemporaryDirectory() as folder:
        once, tenfold = Path(folder) / "1", Path(folder) / "n"
        once.mkdir()
        tenfold.mkdir()
        multiply(source, once, 1)
        multiply(source, tenfold, options.times)
        (small, records), (large, records_large) = peak(once), peak(tenfold)
    record(
        "memory",
        {
            "records": records,
            "records_times": records_large,
            "peak_rss_mib": round(small),
            "peak_rss_mib_times": round(large),
            "times": options.times,
            "growth": round(large / small, 3),
            "workers": 2,
        },
    )


if __name__ == "__main__":
    main()
