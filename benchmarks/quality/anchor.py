"""Who gets an archived date on the labelled crawl, and who must not.

    PROVENANCE_DATA=... python benchmarks/quality/anchor.py

Builds an anchor of crawl/anchor, scores crawl/polluted with planted pages beside it, and mixes with
the anchor. One row of anchor.csv per type of page:

n: pages of that type with text. dated: those that got a date before 2022 which they do not have
themselves. right: those whose date is no later than that of the archived document that the truth
names. Types with an archived source should be dated; `ai`, `ai quoting` and `human quoting` never.

Planted are texts of the labelled crawl (AI, and human ones of unknown sources) into which a passage
of an archived text is put, so that it makes the stated share of the words of the page's own text;
all pages of a site carry the same menu. The parameters were chosen on crawl/polluted without its
anchor (dedup.csv); the bound for samples is a formula; the planted pages chose nothing.
"""

from __future__ import annotations

import csv
import json
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from dedup import circumstances

import provenance

HERE = Path(__file__).parent
SHARES = (0.1, 0.2, 0.3, 0.4)
PER_SHARE = 100
MEASURES = ("type", "n", "dated", "right")
CUTOFF = "2022"
#: A passage that makes two fifths of a page is cut from no archived text shorter than this.
PASSAGE_WORDS = 20


def planted(
    truth: Sequence[dict[str, Any]], archive: Sequence[dict[str, Any]]
) -> Iterator[dict[str, str]]:
    """Pages of 2025 that quote an archived passage, as rows of JSON Lines."""
    draw = random.Random(0)
    for label, kind in (("ai", "ai_text"), ("human", "human_text")):
        texts = [
            row["main_text"] for row in truth
            if row["kind"] == kind and row["language"] == "en" and not row["anchor_url"]
            and len((row["main_text"] or "").split()) >= 60
        ]  # fmt: skip
        draw.shuffle(texts)
        for share in SHARES:
            for number in range(PER_SHARE):
                own = texts[(number + int(share * 1000)) % len(texts)].split()
                length = max(PASSAGE_WORDS, round(len(own) * share / (1 - share)))
                source = draw.choice([a for a in archive if len(a["text"].split()) > length])
                words = source["text"].split()
                start = draw.randrange(len(words) - length)
                own = own[: round(length * (1 - share) / share)]
                place = draw.randrange(len(own))
                quoted = [*own[:place], *words[start : start + length], *own[place:]]
                site = f"{label}-{number % 20}.planted.example"
                menu = " ".join(f"menu{(number % 20) * 100 + i}" for i in range(40))
                yield {
                    "text": menu + "\n\n" + " ".join(quoted),
                    "url": f"https://{site}/{share}/{number}",
                    "date": "2025-03-01T00:00:00Z",
                    "type": f"{label} quoting {share:.0%}",
                }


def kind_of(row: dict[str, Any]) -> str:
    """The type of a page by the truth."""
    if row["anchor_url"]:
        return f"archived: {row['near_dup_type'] or row['kind']}"
    return "ai" if row["label"] == "ai" else f"{row['label']}, no archived source"


def run(data: Path, folder: Path, pages: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """The decisions of a mix with the anchor, each with the archived document it matched."""
    with (folder / "planted.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(page) + "\n" for page in pages)
    archive = str(data / "crawl" / "anchor" / "anchor.parquet")
    provenance.anchor_build(archive, out=folder / "A", workers=1)
    given = [str(data / "crawl" / "polluted"), str(folder / "planted.jsonl")]
    provenance.score(given, out=folder / "scored", workers=1)
    provenance.mix(folder / "scored", out=folder / "out", anchor=folder / "A")
    matches = pq.read_table(folder / "out" / "matches.parquet").to_pylist()
    archived = {row["doc_id"]: row for row in matches}
    decisions: list[dict[str, Any]] = pq.read_table(
        folder / "out" / "decisions.parquet"
    ).to_pylist()
    return [{**row, "archived": archived.get(row["doc_id"])} for row in decisions]


def measure(
    decisions: Sequence[dict[str, Any]],
    truth: Sequence[dict[str, Any]],
    pages: Sequence[dict[str, str]],
    dates: dict[str, str],
) -> Iterator[dict[str, Any]]:
    """One row per type."""
    rows = {row["record_id"]: row for row in truth}
    types = {page["url"]: page["type"] for page in pages}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for decision in decisions:
        if not decision["n_chars"]:
            continue
        row = rows.get(decision["record_id"])
        kind = kind_of(row) if row else types[decision["url"]]
        seen = f"{decision['first_seen']:%Y-%m-%d}" if decision["first_seen"] else CUTOFF
        own = f"{decision['captured_at']:%Y}" < CUTOFF
        count = counts[kind]
        count[0] += 1
        count[1] += seen < CUTOFF and not own
        count[2] += bool(row and row["anchor_url"]) and seen[:4] <= dates[row["anchor_url"]][:4]
    for kind, (n, dated, right) in sorted(counts.items()):
        yield {"type": kind, "n": n, "dated": dated, "right": right}


def main() -> None:
    """Append the rows to anchor.csv and print them."""
    data = Path(os.environ["PROVENANCE_DATA"])
    truth = pq.read_table(data / "crawl" / "truth.parquet").to_pylist()
    archive = pq.read_table(data / "crawl" / "anchor" / "anchor.parquet").to_pylist()
    pages = list(planted(truth, archive))
    where = circumstances()
    path = HERE / "anchor.csv"
    is_new = not path.exists()
    with tempfile.TemporaryDirectory() as name, path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, (*where, *MEASURES))
        if is_new:
            writer.writeheader()
        decisions = run(data, Path(name), pages)
        dates = {row["url"]: row["date"] for row in archive}
        for row in measure(decisions, truth, pages, dates):
            writer.writerow({**where, **row})
            print(*row.values(), flush=True)


if __name__ == "__main__":
    main()
