"""Reading + extraction per core, against a bare loop of FastWARC and resiliparse.

Both sides read the same archives, take the same pages (HTTP 200, HTML) and extract main text; ours
also checks lengths, keeps a ledger of everything else and builds Arrow batches. Before timing, the
two must find the same pages. Figures leave out process start and imports.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

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
            html = batch.filter(pc.equal(batch.column("media_type"), "text/html"))
            urls += html.column("url").to_pylist()
            n_chars += pc.sum(pc.utf8_length(html.column("text"))).as_py()
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", choices=["ours", "bare"])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    paths = sorted(str(p) for p in (data_folder() / "crawl" / "polluted").glob("*.warc.gz"))
    if options.side:
        print(json.dumps({"ours": ours, "bare": bare}[options.side](paths)))
        return
    results: dict[str, list[dict[str, object]]] = {"ours": [], "bare": []}
    for _ in range(options.runs):
        for side, kept in results.items():
            kept.append(json.loads(run([sys.executable, __file__, "--side", side]).output))
    missing = set(results["bare"][0]["urls"]) - set(results["ours"][0]["urls"])  # type: ignore[call-overload]
    if missing:
        sys.exit(f"{len(missing)} pages of the bare loop are not ours, e.g. {sorted(missing)[:3]}")
    seconds = {s: sorted(float(r["cpu_seconds"]) for r in kept) for s, kept in results.items()}  # type: ignore[arg-type]
    middle = {side: values[len(values) // 2] for side, values in seconds.items()}
    record(
        "reading",
        {
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
