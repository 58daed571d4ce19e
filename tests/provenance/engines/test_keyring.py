"""A keyring is part of the plan of a run."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from keyrings import VOCAB_SIZE, text_of, write_keyring
from watermarked import Babbler, generate, unigram

import provenance
from provenance.errors import InputError, OutputError

KEY = "  - {name: ours, scheme: unigram, tokenizer: words, vocab_size: 2000, key: 77}"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A Parquet file with a watermarked text and one without."""
    model = Babbler(VOCAB_SIZE)
    ids = [
        generate(model, 200, seed=1, processor=unigram(VOCAB_SIZE, key=77)),
        generate(model, 200, seed=2),
    ]
    path = tmp_path / "crawl" / "texts.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"text": [text_of(one) for one in ids]}), path)
    return path.parent


def watermarks(scored: Path) -> list[str]:
    rows = pq.read_table(scored / "documents").column("evidence").to_pylist()
    return [fact["detail"] for facts in rows for fact in facts if fact["kind"] == "watermark"]


def test_a_watermark_is_evidence_in_the_scored_store(tmp_path: Path, texts: Path) -> None:
    keyring = write_keyring(tmp_path / "keys", KEY)

    provenance.score(texts, out=tmp_path / "scored", keyring=str(keyring), workers=1)

    (found,) = watermarks(tmp_path / "scored")
    assert found.startswith("unigram ours: ")


def test_a_changed_keyring_is_another_run(tmp_path: Path, texts: Path) -> None:
    keyring = write_keyring(tmp_path / "keys", KEY)
    provenance.score(texts, out=tmp_path / "scored", keyring=str(keyring), workers=1)

    keyring.write_text(keyring.read_text().replace("77", "78"))

    with pytest.raises(OutputError, match="another request"):
        provenance.score(texts, out=tmp_path / "scored", keyring=str(keyring), workers=1)


def test_a_wrong_keyring_is_refused_before_anything_is_written(tmp_path: Path, texts: Path) -> None:
    with pytest.raises(InputError, match="unknown scheme 'kgv'"):
        provenance.score(
            texts,
            out=tmp_path / "scored",
            keyring=str(write_keyring(tmp_path / "keys", KEY.replace("unigram", "kgv"))),
        )

    assert not (tmp_path / "scored").exists()


def test_a_stream_of_batches_takes_a_keyring_too(tmp_path: Path, texts: Path) -> None:
    keyring = write_keyring(tmp_path / "keys", KEY)
    table = pq.read_table(texts / "texts.parquet")

    (batch,) = provenance.score(table, keyring=str(keyring))

    kinds = [[fact["kind"] for fact in facts] for facts in batch.column("evidence").to_pylist()]
    assert kinds == [["watermark"], []]
