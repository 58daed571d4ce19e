"""Which planted marks are found, which decoys are not, and what stands on other pages.

Truth: columns `declared_marker` and `hidden_chars` of the simulated crawl. A planted mark counts
as found when a fact of the right kind comes out; a decoy is taken when any fact speaks for a
machine; `neutral` marks are rights, found when the page's stance on training is "denied". The last
rows count the facts on pages where nothing was planted, human and machine.
"""

from __future__ import annotations

import csv
import datetime
import os
import platform
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from provenance.sources.inputs import list_inputs
from provenance.sources.read import read_slice
from provenance.sources.slices import cut
from provenance.stages.extract import Extract
from provenance.stages.gather import Gather

#: What makes a planted mark found.
KINDS: Mapping[str, frozenset[str]] = {
    "meta_generator": frozenset({"generator_writes_text"}),
    "visible_statement": frozenset({"declared_mixed", "declared_synthetic"}),
    "element_ai_disclosure": frozenset({"declared_mixed", "declared_synthetic"}),
    "header_ai_disclosure": frozenset({"declared_synthetic"}),
    "meta_ai_disclosure": frozenset({"declared_synthetic"}),
    "jsonld_digitalSourceType": frozenset({"declared_synthetic"}),
    "jsonld_schema_enum": frozenset({"declared_synthetic"}),
}
DECLARED = ("declared_", "generator_")


def documents(crawl: Path) -> Iterator[dict[str, Any]]:
    """record_id, evidence and page_rights of every document of the crawl."""
    extract, gather = Extract(), Gather()
    for one in cut(list_inputs([str(crawl / "polluted")]).files, slice_bytes=2**30):
        for given in read_slice(one):
            done = gather(extract(given.documents))
            yield from done.select(["record_id", "evidence", "page_rights"]).to_pylist()


def is_as_it_should(planted: str, document: Mapping[str, Any]) -> bool:
    """Whether what was planted was found, or, of a decoy, was not taken for a mark."""
    facts = [fact for fact in document["evidence"] if fact["kind"].startswith(DECLARED)]
    if planted.startswith("decoy:"):
        return not any(fact["polarity"] == "synthetic" for fact in facts)
    if planted.startswith("neutral:"):
        said = {right["preference"] for right in document["page_rights"] or ()
                if right["use"] == "train_ai"}  # fmt: skip
        return "denied" in said
    return any(fact["kind"] in KINDS[planted] for fact in facts)


def hidden_found(document: Mapping[str, Any]) -> bool:
    return any(fact["kind"].startswith("hidden_") for fact in document["evidence"])


def record(row: Mapping[str, Any]) -> None:
    """Append the row to the CSV beside this file, with where and on what it was measured."""
    path = Path(__file__).with_suffix(".csv")
    full = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": _commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        **row,
    }
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, full)
        if is_new:
            writer.writeheader()
        writer.writerow(full)
    print(*row.values(), sep="\t")


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def main() -> None:
    folder = os.environ.get("PROVENANCE_DATA")
    if not folder:
        sys.exit("set PROVENANCE_DATA to the folder that holds crawl/")
    crawl = Path(folder) / "crawl"
    columns = ["record_id", "label", "declared_marker", "hidden_chars"]
    truth = {
        row["record_id"]: row
        for row in pq.read_table(crawl / "truth.parquet", columns=columns).to_pylist()
    }
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    elsewhere: Counter[tuple[str, str]] = Counter()
    for document in documents(crawl):
        known = truth[document["record_id"]]
        if planted := known["declared_marker"]:
            right["declared", planted].append(is_as_it_should(planted, document))
        else:
            kinds = {f["kind"] for f in document["evidence"] if f["kind"].startswith(DECLARED)}
            elsewhere.update((known["label"], kind) for kind in kinds)
        if known["hidden_chars"]:
            right["hidden", known["hidden_chars"].rpartition(" (")[0]].append(
                hidden_found(document)
            )
    for (family, planted), answers in sorted(right.items()):
        record({"family": family, "planted": planted, "documents": len(answers),
                "right": sum(answers), "facts_where_nothing_was_planted": ""})  # fmt: skip
    for label in ("human", "ai", "unknown"):
        found = {kind: n for (of, kind), n in sorted(elsewhere.items()) if of == label}
        record({"family": "declared", "planted": f"nothing ({label})", "documents": "",
                "right": "", "facts_where_nothing_was_planted": str(found or 0)})  # fmt: skip


if __name__ == "__main__":
    main()
