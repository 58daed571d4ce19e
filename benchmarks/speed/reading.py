"""Reading + extraction per core, against a bare loop of FastWARC and resiliparse.

Both sides read the same archives, take the same pages (HTTP 200, HTML) and extract main text; ours
also checks lengths, keeps a ledger of everything else and builds Arrow batches. Before timing, the
two must find the same pages. Each side reads everything once before it is timed, so that figures
leave out process start, imports and the first growth of memory.

`--pages real` keeps the saved pages of real sites alone (mean 90 kB, nearer to a web crawl's); the
default also has the simulated ones (mean 31 kB for all), which are small.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
from measure import data_folder, record, run


def ours(paths: list[str]) -> dict[str, object]:
    import pyarrow.compute as pc

    from provenance.sources.columns import Columns
    from provenance.sources.inputs import list_inputs
    from provenance.sources.limits import Limits
    from provenance.sources.read import read_slice
    from provenance.sources.slices import cut
    from provenance.stages.extract import Extract

    slices = cut(list_inputs(paths).files, slice_bytes=2**30)
    stage = Extract()
    urls, n_chars = [], 0
    start = time.process_time()
    for one in slices:
        for given in read_slice(one, columns=Columns(), limits=Limits(), batch_size=1024):
            batch = stage(given.documents)
            kinds = batch.column("media_type").to_pylist()
            found = zip(batch.column("url").to_pylist(), kinds, strict=True)
            urls += [url for url, kind in found if kind == "text/html"]
            n_chars += pc.sum(pc.utf8_length(batch.column("text"))).as_py()
    return {"cpu_seconds": time.process_time() - start, "urls": sorted(urls), "n_chars": n_chars}


def bare(paths: list[str]) -> dict[str, object]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    urls, n_chars = [], 0
    start = time.process_time()
    for path in paths:
        with Path(path).open("rb") as stream:
            for one in ArchiveIterator(
                stream, record_types=WarcRecordType.response, auto_decode="all"
            ):
                if one.http_headers.status_code != 200 or one.http_content_type != "text/html":
                    continue
                body = one.reader.read()
                if not body.strip():
                    continue
                html = bytes_to_str(body, one.http_charset or detect_encoding(body))
                n_chars += len(extract_plain_text(html, main_content=True))
                urls.append(one.headers["WARC-Target-URI"])
    return {"cpu_seconds": time.process_time() - start, "urls": sorted(urls), "n_chars": n_chars}


def archives(folder: Path, *, only_real: bool) -> list[str]:
    """The simulated crawl's shards; or copies of them in `folder` with the real pages alone."""
    crawl = data_folder() / "crawl"
    shards = sorted((crawl / "polluted").glob("*.warc.gz"))
    if not only_real:
        return [str(path) for path in shards]
    truth = pq.read_table(crawl / "truth.parquet", columns=["url", "kind"]).to_pylist()
    wanted = {row["url"] for row in truth if row["kind"] == "real_page"}
    for shard in shards:
        (folder / shard.name).write_bytes(b"".join(members(shard.read_bytes(), wanted)))
    return [str(folder / shard.name) for shard in shards]


def members(archive: bytes, wanted: set[str]) -> Iterator[bytes]:
    """The compressed records of the wanted addresses: request, response and metadata."""
    from fastwarc.warc import ArchiveIterator

    heads = [
        (one.stream_pos, one.headers.get("WARC-Target-URI"))
        for one in ArchiveIterator(BytesIO(archive), parse_http=False)
    ]
    for (start, url), (end, _) in itertools.pairwise([*heads, (len(archive), None)]):
        if url in wanted:
            yield archive[start:end]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", choices=["ours", "bare"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pages", choices=["all", "real"], default="all")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    if options.side:
        side = {"ours": ours, "bare": bare}[options.side]
        side(options.paths)
        print(json.dumps(side(options.paths)))
        return
    results: dict[str, list[dict[str, object]]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        paths = archives(Path(folder), only_real=options.pages == "real")
        for _ in range(options.runs):
            for side, kept in results.items():
                command = [sys.executable, __file__, "--side", side, *paths]
                kept.append(json.loads(run(command).output))
    missing = set(results["bare"][0]["urls"]) - set(results["ours"][0]["urls"])  # type: ignore[call-overload]
    if missing:
        sys.exit(f"{len(missing)} pages of the bare loop are not ours, e.g. {sorted(missing)[:3]}")
    seconds = {s: sorted(float(r["cpu_seconds"]) for r in kept) for s, kept in results.items()}  # type: ignore[arg-type]
    middle = {side: values[len(values) // 2] for side, values in seconds.items()}
    record(
        "reading",
        {
            "input": options.pages,
            "pages": len(results["ours"][0]["urls"]),  # type: ignore[arg-type]
            "pages_bare": len(results["bare"][0]["urls"]),  # type: ignore[arg-type]
            "cpu_seconds": round(middle["ours"], 3),
            "cpu_seconds_bare": round(middle["bare"], 3),
            "spread_seconds": round(seconds["ours"][-1] - seconds["ours"][0], 3),
            "spread_seconds_bare": round(seconds["bare"][-1] - seconds["bare"][0], 3),
            "ratio": round(middle["bare"] / middle["ours"], 3),
            "runs": options.runs,
        },
    )


if __name__ == "__main__":
    main()
