"""The pairs that `ngram_novelty` takes for known: builds the reference, and measures its worth.

    PROVENANCE_DATA=... python benchmarks/quality/novelty.py            # one row per group of texts
    PROVENANCE_DATA=... python benchmarks/quality/novelty.py --write    # the reference and its card

A pair is in the reference when texts of MIN_PUBLISHERS hold it: one that a single publisher
writes is its topic or its template, not the language. Share-alike sources, and collections whose
writers were not asked, give no pair. Publishers are measured against a reference without them,
machine texts against the whole.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from provenance.text import novelty
from provenance.text.forms import normal_forms
from provenance.text.rarity import rarity

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "provenance" / "text" / "reference"
MIN_PUBLISHERS = 2
#: Their texts were published again by the other.
SAME_PUBLISHER = {"swcarpentry": "carpentries"}
MACHINE_SETS = ("fast_detect_gpt", "outfox")

#: English, written before 2022, neither share-alike nor of unclear rights.
SOURCES = (
    "CharlesAracil/charlesaracil.github.io", "GSA/digitalgov.gov", "GSA/plainlanguage.gov",
    "Jargon File 4.4.7", "PLOS/allofplos", "abachaa/MedQuAD", "bitcoinops/bitcoinops.github.io",
    "carpentries/carpentries.org", "creativecommons/creativecommons.org", "github/opensource.guide",
    "openstax/osbooks-introductory-statistics-bundle", "python/peps", "ropensci/roweb3",
    "rust-lang/blog.rust-lang.org", "rust-lang/rfcs", "swcarpentry/website",
)  # fmt: skip

U64 = npt.NDArray[np.uint64]


def human_texts(data: Path) -> dict[str, tuple[pa.LargeStringArray, str]]:
    """Normal forms of the texts of each source, and its licence as found."""
    tables = [pq.read_table(path, columns=["source", "language", "licence", "text"])
              for path in sorted((data / "human").glob("*.parquet"))]  # fmt: skip
    table = pa.concat_tables(tables).filter(pc.field("language") == "en")
    found = {}
    for source in SOURCES:
        own = table.filter(pc.field("source") == source)
        licences = sorted(set(own["licence"].to_pylist()))
        found[source] = (forms_of(own["text"]), "; ".join(licences))
    return found


def forms_of(texts: pa.ChunkedArray) -> pa.LargeStringArray:
    return normal_forms(texts.cast(pa.large_string()).combine_chunks())


def distinct_pairs(forms: pa.LargeStringArray) -> U64:
    """The distinct pairs of all texts together, ascending."""
    held = [np.unique(novelty.pair_hashes(form)) for form in forms.to_pylist()]
    return np.unique(np.concatenate(held))


def publisher_of(source: str) -> str:
    owner = source.partition("/")[0]
    return SAME_PUBLISHER.get(owner, owner)


def shared(pairs: Mapping[str, U64], *, without: str | None = None) -> U64:
    """The pairs of at least MIN_PUBLISHERS, of those of each source; one publisher left out."""
    own: dict[str, list[U64]] = {}
    for source, held in pairs.items():
        if publisher_of(source) != without:
            own.setdefault(publisher_of(source), []).append(held)
    together = [np.unique(np.concatenate(held)) for held in own.values()]
    values, counts = np.unique(np.concatenate(together), return_counts=True)
    return values[counts >= MIN_PUBLISHERS]


def measured(forms: pa.LargeStringArray, bits: novelty.U8) -> dict[str, float]:
    """Quantiles of novelty, and its rank correlation with `rarity`, of texts long enough."""
    values = novelty.novelties(forms, np.ones(len(forms), dtype=np.bool_), bits)
    rare = rarity(forms.to_pylist(), ["en"] * len(forms))
    known = ~np.isnan(values) & ~np.isnan(rare)
    tenth, half, ninth = np.quantile(values[known], [0.1, 0.5, 0.9]).tolist()
    ranks = [np.argsort(np.argsort(one[known])) for one in (values, rare)]
    return {
        "texts": int(known.sum()), "novelty_10": round(tenth, 4), "novelty_50": round(half, 4),
        "novelty_90": round(ninth, 4), "rarity_50": round(float(np.median(rare[known])), 4),
        "spearman_with_rarity": round(float(np.corrcoef(*ranks)[0, 1]), 3),
    }  # fmt: skip


def groups(
    data: Path, texts: Mapping[str, tuple[pa.LargeStringArray, str]], pairs: Mapping[str, U64]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Each group of texts by name, measured against a reference that it gave nothing to."""
    for source, (forms, _) in texts.items():
        if len(forms) >= 200:
            others = novelty.filter_of(shared(pairs, without=publisher_of(source)))
            yield f"human: {source}", measured(forms, others)
    bits = novelty.filter_of(shared(pairs))
    for name in MACHINE_SETS:
        table = pq.read_table(data / "detection" / f"{name}.parquet")
        table = table.filter(pc.field("language") == "en")
        for label in ("human", "ai"):
            own = table.filter(pc.field("label") == label)["text"].slice(0, 3000)
            yield f"{label}: {name}", measured(forms_of(own), bits)


def record(rows: Iterable[tuple[str, dict[str, float]]]) -> None:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE,
                            capture_output=True, text=True, check=False).stdout.strip()  # fmt: skip
    head = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "commit": commit}
    path = HERE / "novelty.csv"
    for group, values in rows:
        row = {**head, "group": group, **values}
        print(row)
        is_new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if is_new:
                writer.writeheader()
            writer.writerow(row)


def write(texts: Mapping[str, tuple[pa.LargeStringArray, str]], pairs: Mapping[str, U64]) -> None:
    """The filter of the pairs of all sources, and its card."""
    kept = shared(pairs)
    bits = novelty.filter_of(kept)
    REFERENCE.mkdir(exist_ok=True)
    (REFERENCE / "pairs.en.bloom").write_bytes(bits.tobytes())
    absent = np.random.default_rng(0).integers(0, 2**63, 200_000).tolist()
    mistaken = np.mean([novelty.plain_is_known(pair, bits) for pair in absent])
    rows = [f"| {source} | {len(forms):,} | {len(pairs[source]):,} | {licence} |"
            for source, (forms, licence) in texts.items()]  # fmt: skip
    card = CARD.format(n=f"{len(kept):,}", least=MIN_PUBLISHERS, bits=f"{novelty.N_BITS:,}",
                       probes=novelty.N_PROBES, mistaken=f"{mistaken:.2%}",
                       sources="\n".join(rows))  # fmt: skip
    (REFERENCE / "pairs.en.md").write_text(card, encoding="utf-8")


CARD = """# Word pairs of human English before 2022

`pairs.en.bloom` is what `ngram_novelty` takes for known: a Bloom filter of {bits} bits with
{probes} probes that holds the hashes of {n} pairs of neighbouring words. No text can be read out
of it.

- A pair is in it when texts of at least {least} publishers hold it, all dated before 2022.
- A pair that is not in it is taken for known in {mistaken} of cases.
- Words are those of the normal form: lower case, no punctuation. Words with a digit make no pair.
- It is English of government, health, science, software and teaching: fiction, speech, news and
  social media have more new pairs for that reason alone. Compare texts of one register.
- Other languages have no reference, and no novelty: what is at hand for them is law, novels of 1840
  to 1923 and essays of learners, against which any web page would look new.
- Written by `benchmarks/quality/novelty.py --write`; what was measured is in `novelty.csv` there.

| source | texts | distinct pairs | licence as found |
| --- | --- | --- | --- |
{sources}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the reference and its card")
    options = parser.parse_args()
    data = Path(os.environ["PROVENANCE_DATA"])
    texts = human_texts(data)
    pairs = {source: distinct_pairs(forms) for source, (forms, _) in texts.items()}
    if options.write:
        write(texts, pairs)
    else:
        record(groups(data, texts, pairs))


if __name__ == "__main__":
    main()
