"""Peak memory of `provenance clean` with two workers, on a crawl once and ten times over.

The tenfold input is ten copies of every shard under other names whose records have other ids, so
that nothing is skipped as given twice. Memory is summed over all processes of the run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import tempfile
from pathlib import Path

from measure import data_folder, record, run

_RECORD_ID = re.compile(rb"(WARC-Record-ID: <urn:uuid:)[0-9a-f]{8}", re.IGNORECASE)


def multiply(source: Path, folder: Path, times: int) -> None:
    """Copies of every shard of `source` in `folder`, with record ids of their own."""
    for shard in sorted(source.glob("*.warc.gz")):
        plain = gzip.decompress(shard.read_bytes())
        heads = [m.start() for m in re.finditer(rb"WARC/1\.[01]\r\nWARC-Type", plain)]
        for copy in range(times):
            with (folder / f"{copy}-{shard.name}").open("wb") as file:
                for start, end in zip(heads, [*heads[1:], len(plain)], strict=True):
                    renamed = _RECORD_ID.sub(rb"\g<1>%08x" % copy, plain[start:end], count=1)
                    file.write(gzip.compress(renamed, 6))


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
