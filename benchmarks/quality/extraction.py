"""How well main text is found, on the simulated crawl: ours against its alternatives.

Texts are compared by the 5-grams of their normal form (words; characters for Chinese and Korean).
`found` is the share of pages that wrap a known text whose 5-gram recall is at least 0.9; the gold
columns are real pages with hand-made main text; `with` and `without` are the shares of snippets
that an extractor must and must not return. CPU is per page, decoding left out.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text

from provenance.text.charset import decode
from provenance.text.html import main_text
from provenance.text.normal import normal_form

Extractor = Callable[[str], str | None]
TRUTH = ["record_id", "kind", "language", "template_id", "main_text", "seg_with", "seg_without"]
CHOSEN: dict[str, Any] = {
    "comments": False, "alt_texts": False, "post_meta": False, "list_bullets": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """A page as text, and what is known of it."""

    html: str
    truth: dict[str, Any]
    grams: frozenset[tuple[str, ...]]

    @property
    def is_wrapped(self) -> bool:
        return bool(self.truth["template_id"]) and self.truth["kind"] != "real_page"


def resiliparse(**options: Any) -> Extractor:
    return lambda html: extract_plain_text(html, main_content=True, **options)


#: From the library's defaults, one option after the other, to what main_text does.
VARIANTS: dict[str, Extractor] = {
    "resiliparse, defaults": resiliparse(),
    "- comments": resiliparse(comments=False),
    "- alternative texts": resiliparse(comments=False, alt_texts=False),
    "- post metadata": resiliparse(comments=False, alt_texts=False, post_meta=False),
    "- list bullets": resiliparse(**CHOSEN),
    "main_text (+ lists, long lines)": main_text,
    "resiliparse, all text": lambda html: extract_plain_text(html, alt_texts=False),
    "main_text, trafilatura": lambda html: main_text(html, extractor="trafilatura"),
}


def pages(folder: Path) -> Iterator[Page]:
    """Every HTML response of the crawl that decodes."""
    rows = pq.read_table(folder / "truth.parquet", columns=TRUTH).to_pylist()
    truth = {row["record_id"]: row for row in rows}
    for path in sorted((folder / "polluted").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(
                stream, record_types=WarcRecordType.response, auto_decode="all"
            ):
                row = truth[record.headers["WARC-Record-ID"]]
                http = record.http_headers
                if http.status_code == 200 and record.http_content_type == "text/html":
                    found = decode(record.reader.read(), content_type=http.get("content-type"))
                    if found.text is not None:
                        yield Page(found.text, row, grams(row["main_text"], row["language"]))


def grams(text: str | None, language: str | None) -> frozenset[tuple[str, ...]]:
    """5-grams of the normal form; of the whole text when it has fewer than five units."""
    form = normal_form(text or "")
    units = list(form.replace(" ", "")) if language in ("ko", "zh", "ja") else form.split()
    last = max(1, len(units) - 4)
    return frozenset(tuple(units[i : i + 5]) for i in range(last)) if units else frozenset()


def measured(extract: Extractor, sample: Sequence[Page]) -> dict[str, float]:
    """One row of the table."""
    start = time.process_time()
    texts = [extract(page.html) or "" for page in sample]
    cpu = time.process_time() - start
    wrapped = [
        overlap(p, t) for p, t in zip(sample, texts, strict=True) if p.grams and p.is_wrapped
    ]
    gold = [
        overlap(p, t) for p, t in zip(sample, texts, strict=True) if p.grams and not p.is_wrapped
    ]
    return {
        "cpu_us_per_page": 1e6 * cpu / len(sample),
        "wrapped_pages": len(wrapped),
        "found": statistics.fmean(recall >= 0.9 for recall, _ in wrapped),
        "recall": statistics.fmean(recall for recall, _ in wrapped),
        "precision": statistics.fmean(precision for _, precision in wrapped),
        "gold_pages": len(gold),
        "gold_recall": statistics.fmean(recall for recall, _ in gold),
        "gold_precision": statistics.fmean(precision for _, precision in gold),
        "with": snippets(sample, texts, "seg_with"),
        "without": 1 - snippets(sample, texts, "seg_without"),
    }


def overlap(page: Page, text: str) -> tuple[float, float]:
    """Recall and precision of `text`."""
    found = grams(text, page.truth["language"])
    common = len(page.grams & found)
    return common / len(page.grams), common / max(1, len(found))


def snippets(sample: Sequence[Page], texts: Sequence[str], column: str) -> float:
    """Share of the snippets in `column` that the texts hold."""
    return statistics.fmean(
        normal_form(snippet) in normal_form(text)
        for page, text in zip(sample, texts, strict=True)
        for snippet in page.truth[column] or ()
    )


def record(name: str, row: dict[str, float], *, stride: int) -> None:
    """Append the row to the CSV beside this file, with where and what it was measured on."""
    path = Path(__file__).with_suffix(".csv")
    full = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": _commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "resiliparse": version("resiliparse"),
        "trafilatura": version("trafilatura"),
        "stride": stride,
        "variant": name,
        **{key: round(value, 4) for key, value in row.items()},
    }
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, full)
        if is_new:
            writer.writeheader()
        writer.writerow(full)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stride", type=int, default=1, help="measure every n-th page only")
    stride: int = parser.parse_args().stride
    folder = os.environ.get("PROVENANCE_DATA")
    if not folder:
        sys.exit("set PROVENANCE_DATA to the folder that holds crawl/")
    sample = list(pages(Path(folder) / "crawl"))[::stride]
    for place, (name, extract) in enumerate(VARIANTS.items()):
        row = measured(extract, sample)
        if place == 0:
            print(f"{len(sample)} pages\n{'':26}" + " ".join(f"{key:>15}" for key in row))
        print(f"{name:26}" + " ".join(f"{value:15.4f}" for value in row.values()), flush=True)
        record(name, row, stride=stride)


if __name__ == "__main__":
    main()
