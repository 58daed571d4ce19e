"""A keyring is part of the plan of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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


@pytest.fixture
def humans(tmp_path: Path) -> Path:
    """A scored store of texts with common words."""
    rng = np.random.default_rng(0)
    english = "The weather was fine, and we walked along the river until it grew dark. " * 20
    texts = [english + text_of(np.minimum(rng.zipf(1.3, 300), VOCAB_SIZE - 1)) for _ in range(80)]
    path = tmp_path / "old" / "texts.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"text": texts}), path)
    provenance.score(path.parent, out=tmp_path / "humans", workers=1)
    return tmp_path / "humans"


def test_a_fitted_keyring_judges_under_its_key(tmp_path: Path, texts: Path, humans: Path) -> None:
    keyring = write_keyring(tmp_path / "keys", KEY)
    nulls = tmp_path / "keys" / "nulls.json"

    result = provenance.keyring_fit(keyring, humans, out=nulls)
    keyring.write_text("nulls: nulls.json\n" + keyring.read_text())
    provenance.score(texts, out=tmp_path / "scored", keyring=str(keyring), workers=1)

    assert result.json() == nulls.read_text()
    assert result.text().splitlines()[1].startswith("unigram ours: en ")
    (found,) = watermarks(tmp_path / "scored")
    assert "under this key" in found


def test_fitting_twice_gives_the_same_bytes(tmp_path: Path, humans: Path) -> None:
    keyring = write_keyring(tmp_path / "keys", KEY)

    first, again = (provenance.keyring_fit(keyring, humans, out=tmp_path / n).json() for n in "ab")

    assert first == again


def test_too_few_human_texts_are_refused(tmp_path: Path, texts: Path) -> None:
    provenance.score(texts, out=tmp_path / "two", workers=1)

    with pytest.raises(InputError, match="no language has 50 texts"):
        provenance.keyring_fit(
            write_keyring(tmp_path / "keys", KEY), tmp_path / "two", out=tmp_path / "nulls.json"
        )

    assert not (tmp_path / "nulls.json").exists()


def test_a_place_that_cannot_hold_the_nulls_is_refused_first(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        provenance.keyring_fit("no keyring", "no store", out=tmp_path / "none" / "nulls.json")
