"""The duplicate search at its defaults on the labelled pairs of the crawl: who is merged with whom.

    PROVENANCE_DATA=... python benchmarks/quality/pairs.py

One row of pairs.csv per near-duplicate type (n, recall as in dedup.py), one per verdict on the
documents that were dropped, and one on look-alikes:

dropped, right: the truth joins the two (`dup_of`, `anchor_url`, equal `main_text`), or at least
    half of the 5-grams of the dropped page's own gold text stand in the kept page's.
dropped, wrong: both gold texts are known and they share less than that.
dropped, unlabelled: the truth has no gold text of one of them and says nothing.
look-alikes: pairs of pages of one site in one template that the truth keeps apart and whose gold
    texts share less than a tenth; `recall` counts those merged, which should be none.

The defaults were chosen on this crawl (dedup.csv): this is how well they fit it, no forecast.
"""

from __future__ import annotations

import csv
import itertools
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from dedup import (
    DEFAULT,
    Document,
    circumstances,
    crawl,
    measure,
    search,
    truth_groups,
    write_store,
)

from provenance.text.normal import normal_form

HERE = Path(__file__).parent
MEASURES = ("type", "n", "recall")
Truth = Mapping[str, dict[str, Any]]


def grams(text: str | None) -> set[str]:
    """The word 5-grams of a gold text; those of no text are none."""
    words = normal_form(text or "").split()
    return {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}


def verdicts(truth: Truth, dropped: Sequence[tuple[str, str]]) -> Counter[str]:
    """How many (dropped, kept) pairs are right, wrong and unlabelled."""
    groups = truth_groups(truth)
    found: Counter[str] = Counter()
    for name, kept in dropped:
        own, other = (grams(truth[one]["main_text"]) for one in (name, kept))
        if groups.find(name) == groups.find(kept):
            found["right"] += 1
        elif not own or not other:
            found["unlabelled"] += 1
        else:
            found["right" if len(own & other) >= len(own) / 2 else "wrong"] += 1
    return found


def look_alikes(truth: Truth, names: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs of pages that share site and template, and next to nothing else."""
    groups = truth_groups(truth)
    sites: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in sorted(names):
        row = truth[name]
        if row["site"] and row["template_id"] and len(grams(row["main_text"])) >= 20:
            sites[row["site"], row["template_id"]].append(name)
    for pages in sites.values():
        texts = {name: grams(truth[name]["main_text"]) for name in pages}
        for one, other in itertools.combinations(pages, 2):
            least = min(len(texts[one]), len(texts[other]))
            if groups.find(one) != groups.find(other) and (
                len(texts[one] & texts[other]) < least / 10
            ):
                yield one, other


def rows(truth: Truth, documents: Sequence[Document], result: Any) -> Iterator[dict[str, Any]]:
    """The rows of pairs.csv."""
    for row in measure(truth, documents, result):
        yield {name: row.get(name, 0) for name in MEASURES}
    names = {one.doc_id: one.name for one in documents}
    assigned = {names[row["doc_id"]]: row for row in result[2]}
    kept = {name: names[row["cluster_id"]] for name, row in assigned.items()}
    dropped = [(name, keeper) for name, keeper in kept.items() if keeper != name]
    for verdict, n in sorted(verdicts(truth, dropped).items()):
        yield {"type": f"dropped, {verdict}", "n": len(dropped), "recall": n}
    pairs = list(look_alikes(truth, set(kept)))
    merged = sum(kept[one] == kept[other] for one, other in pairs)
    yield {"type": "look-alikes", "n": len(pairs), "recall": merged}


def main() -> None:
    """Append the rows to pairs.csv and print them."""
    data = Path(os.environ["PROVENANCE_DATA"])
    table = pq.read_table(data / "crawl" / "truth.parquet")
    truth = {row["record_id"]: row for row in table.to_pylist()}
    documents = [one for one in crawl(data, truth) if one.name in truth]
    where = circumstances()
    path = HERE / "pairs.csv"
    is_new = not path.exists()
    with tempfile.TemporaryDirectory() as name, path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, (*where, *MEASURES))
        if is_new:
            writer.writeheader()
        write_store(documents, Path(name))
        for row in rows(truth, documents, search(Path(name), DEFAULT)):
            writer.writerow({**where, **row})
            print(*row.values(), flush=True)


if __name__ == "__main__":
    main()
