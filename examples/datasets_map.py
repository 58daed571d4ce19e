"""Adds scores to a dataset of Hugging Face `datasets`, a batch at a time.

python examples/datasets_map.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
from datasets import Dataset

import provenance

ROWS = Path(__file__).with_name("synthetic_texts.jsonl").read_text("utf-8").splitlines()

SCORER = provenance.TextScorer("linear")  # loaded once, not once a batch


def add_scores(batch: pa.Table) -> pa.Table:
    """The batch with the columns score_linear, llr_linear, human_tail_linear, abstained_linear."""
    scores = SCORER(batch["text"].to_pylist(), languages=batch["language"].to_pylist()).table()
    for name in scores.column_names:
        batch = batch.append_column(name, scores[name])
    return batch


def main() -> None:
    dataset = Dataset.from_list([json.loads(row) for row in ROWS])
    # Arrow keeps the type of a column that is null throughout a batch; lists of None have none.
    scored = dataset.with_format("arrow").map(add_scores, batched=True, batch_size=32)
    reasons = scored.with_format(None)["abstained_linear"]
    for reason in sorted(set(reasons), key=str):
        print(f"{reason or 'scored'}: {reasons[:].count(reason)}")


if __name__ == "__main__":
    main()
