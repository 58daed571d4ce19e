"""Benches a detector of one's own: as a plain function, and as a package's entry point.

python examples/bench_a_detector.py OUT

The labelled texts are those of the sample crawl: they show how it is done, and say nothing about
any detector (examples/README.md says why). Use labelled data of several models and domains.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sample_crawl.texts import Text, human_texts, synthetic_texts

import provenance
from detectors.protocol import TOO_SHORT, DetectorSpec, Score

HERE = Path(__file__).parent


def long_words(texts: Sequence[str]) -> list[float | None]:
    """Share of words of ten letters or more: a number per text, None = no answer."""
    split = [text.split() for text in texts]
    return [sum(len(w) >= 10 for w in words) / len(words) if words else None for words in split]


class LongWords:
    """The same as a detector that says what it is; `pyproject.toml` registers it:

    [project.entry-points."provenance.detectors"]
    long_words = "bench_a_detector:LongWords"
    """

    spec = DetectorSpec(
        name="long_words", version="1", unit="share of words", min_tokens=50, cost_seconds=1e-5,
        reference="examples/bench_a_detector.py",
    )  # fmt: skip

    def score(self, texts: Sequence[str]) -> list[Score]:
        lengths = [len(text.split()) for text in texts]
        return [
            Score(value, n) if value is not None and n >= 50 else Score(None, n, TOO_SHORT)
            for value, n in zip(long_words(texts), lengths, strict=True)
        ]


def install_entry_point(folder: Path) -> None:
    """What `pip install` does with that line of a pyproject.toml."""
    info = folder / "long_words-1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: long-words\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[provenance.detectors]\nlong_words = bench_a_detector:LongWords\n"
    )
    sys.path.append(str(folder))


def labelled_rows() -> Iterator[dict[str, str]]:
    """Rows with the columns that `bench` reads unasked."""
    texts: list[Text] = [*human_texts()[:120], *synthetic_texts(HERE / "synthetic_texts.jsonl")]
    for text in texts:
        yield {
            "text": "\n\n".join(block.text for block in text.blocks),
            "label": text.label,
            "generator": "human" if text.label == "human" else "claude",
            "domain": "documentation" if text.label == "human" else "article",
            "language": text.language,
        }


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    file = out / "labelled.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in labelled_rows()), encoding="utf-8")
    install_entry_point(out / "installed")
    result = provenance.bench(
        file, detectors=["linear", long_words, "long_words"], fpr=[0.05], out=out / "bench"
    )
    print(result.text())


if __name__ == "__main__":
    main()
