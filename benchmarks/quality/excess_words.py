"""Writes the list of English excess words that `detectors.stylometry` counts.

    python benchmarks/quality/excess_words.py > detectors/stylometry/weights/excess_en.txt

Source: Kobak et al. 2024 (arXiv:2406.07016), repository berenslab/llm-excess-vocab (MIT): words
that PubMed abstracts used clearly more often than expected. Kept: words the authors annotate as
style, whose year of excess is 2023 or later, or is not given, which for style words is nearly
always 2024.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

HEAD = """\
# Words that PubMed abstracts of 2023 and 2024 used more often than expected, annotated as style.
# Derived from results/excess_words.csv of berenslab/llm-excess-vocab (MIT licence), by
# D. Kobak, R. Gonzalez-Marquez, E.-A. Horvat and J. Lause 2024, arXiv:2406.07016.
"""


def style_words(path: Path) -> list[str]:
    """The kept words, sorted, without repetition."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "style" in row["type"].split("/")]
    recent = [row for row in rows if not row["year"] or max(row["year"].split(";")) >= "2023"]
    return sorted({row["word"].lower() for row in recent})


def main() -> None:
    """Print the list."""
    words = style_words(Path(os.environ["PROVENANCE_DATA"]) / "lexicon" / "excess_words.csv")
    print(HEAD + "\n".join(words))


if __name__ == "__main__":
    main()
