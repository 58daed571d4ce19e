"""Token statistics of a balanced sample of the shared texts, kept in parts, and read back.

    python benchmarks/quality/scored_texts.py OUT --texts 5000

Every data set, label, generator and attack is met in turn, so that whatever is there of an
interrupted run is a balanced sample too. A run that is started again goes on. Only the first 512
tokens of a text are scored.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from corpora import labelled_sets

from detectors.classifier.examples import Example
from detectors.classifier.probe import form_of
from detectors.language_model import LanguageModel
from detectors.perplexity.presets import PRESETS
from detectors.protocol import TokenStatistics

SCORER = "smollm2-135m"
PART_TEXTS = 128
MOST_TOKENS = 512
FIELDS = ("dataset", "label", "generator", "domain", "language", "attack", "text")
FLOATS = ("log_likelihood", "entropy", "top1", "variance")


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text with its tokens and their statistics; statistics[i] is of token i + 1."""

    example: Example
    token_ids: np.ndarray
    columns: dict[str, np.ndarray]

    @property
    def of_corpus(self) -> bool:
        """Whether it is of data/human, whose licences all allow training."""
        return self.example.dataset.startswith("human/")

    def statistics(self, n_tokens: int, *, without: np.ndarray) -> TokenStatistics:
        """Of the first `n_tokens` tokens; those of the ids `without` (line breaks) left out."""
        ids = self.token_ids[1:n_tokens]
        kept = ~np.isin(ids, without)
        chosen = {name: column[: n_tokens - 1][kept] for name, column in self.columns.items()}
        return TokenStatistics(n_distinct=len(np.unique(ids)), **chosen)


class Tokenizer:
    """The scorer's tokens as text."""

    def __init__(self) -> None:
        from transformers import AutoTokenizer

        file = PRESETS[SCORER].installed()
        if file is None:
            raise SystemExit(f"the package of {SCORER} is not installed")
        self._tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
        vocabulary = self._tokenizer.get_vocab()
        self.line_breaks = np.array(sorted(i for form, i in vocabulary.items() if "\u010a" in form))

    def beginning(self, text: str, n_tokens: int) -> str:
        """The first tokens of what the probe reads of a text."""
        ids = self._tokenizer(form_of(text), add_special_tokens=False)["input_ids"]
        return self.text(np.asarray(ids[:n_tokens]))

    def text(self, ids: np.ndarray) -> str:
        """The text of tokens, white space collapsed."""
        decoded = self._tokenizer.decode(ids.tolist(), clean_up_tokenization_spaces=False)
        return " ".join(decoded.split())


def read(folder: Path) -> list[ScoredText]:
    """The texts of every part."""
    rows = [row for part in sorted(folder.glob("part-*.parquet")) for row in _rows(part)]
    return [_scored_text(row) for row in rows]


def _rows(part: Path) -> list[dict[str, Any]]:
    return pq.read_table(part).to_pylist()


def _scored_text(row: dict[str, Any]) -> ScoredText:
    dataset, label = row["dataset"], row["label"]
    of_corpus = dataset.startswith("human/")
    source = dataset.removeprefix("human/") if of_corpus else f"{dataset}:{row['domain']}"
    example = Example(
        row["text"],
        label,
        row["language"],
        "human/corpora" if of_corpus else dataset,
        source if label == "human" else dataset,
        generator=row["generator"],
        domain=row["domain"],
        attack=row["attack"],
    )
    columns = {name: np.asarray(row[name], np.float32) for name in FLOATS}
    columns["rank"] = np.asarray(row["rank"], np.int64)
    return ScoredText(example, np.asarray(row["token_ids"], np.int64), columns)


def sample(data: Path, n_texts: int) -> list[Example]:
    """The first texts when data sets and labels, and within them groups, are met in turn."""
    kinds: dict[tuple[str, str, bool], dict[tuple[str, ...], list[Example]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for name, examples in labelled_sets(data):
        for one in examples:
            if len(one.text.split()) >= 50 or one.language in ("zh", "ja"):
                unit = one.source if name.startswith("human/") else name
                kind = kinds[unit, one.label, one.language == "en"]
                kind[one.generator, one.domain, one.language, one.attack].append(one)
    queues = [_in_turn(list(groups.values()), seed=str(key)) for key, groups in kinds.items()]
    return list(_interleaved(queues))[:n_texts]


def _in_turn(groups: Sequence[list[Example]], *, seed: str) -> list[Example]:
    rng = random.Random(seed)
    for group in groups:
        rng.shuffle(group)
    return list(_interleaved(rng.sample(groups, len(groups))))


def _interleaved(queues: Sequence[Sequence[Example]]) -> Iterator[Example]:
    for turn in range(max(map(len, queues))):
        yield from (queue[turn] for queue in queues if turn < len(queue))


def write(examples: Sequence[Example], out: Path) -> None:
    """Score the texts part by part; parts that are there are left as they are."""
    model = LanguageModel.load(SCORER)
    for number in range(0, len(examples), PART_TEXTS):
        path = out / f"part-{number // PART_TEXTS:04d}.parquet"
        if path.exists():
            continue
        chosen = examples[number : number + PART_TEXTS]
        ids = [one[:MOST_TOKENS] for one in model.encode([one.text for one in chosen])]
        statistics = model.statistics_of_ids(ids)
        columns: dict[str, Any] = {name: [getattr(one, name) for one in chosen] for name in FIELDS}
        columns["dataset"] = [
            f"human/{one.source}" if one.dataset.startswith("human/") else one.dataset
            for one in chosen
        ]
        columns["token_ids"] = [one.tolist() for one in ids]
        columns["rank"] = [one.rank.tolist() for one in statistics]
        floats = {name: [getattr(one, name) for one in statistics] for name in FLOATS}
        kept = {name: pa.array(values, pa.list_(pa.float32())) for name, values in floats.items()}
        pq.write_table(pa.table(columns | kept), path.with_suffix(".tmp"))
        path.with_suffix(".tmp").rename(path)
        print(f"{number + len(chosen)} of {len(examples)}", flush=True)


def main() -> None:
    """Score what was asked for."""
    parser = argparse.ArgumentParser(prog="scored_texts.py")
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=int, default=5000)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    write(sample(Path(os.environ["PROVENANCE_DATA"]), asked.texts), asked.out)


if __name__ == "__main__":
    main()
