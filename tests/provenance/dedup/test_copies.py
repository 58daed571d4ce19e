"""The matches in any table, named by its own ids."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from provenance.dedup import DedupParameters, duplicates
from provenance.errors import InputError

Prose = Callable[..., str]
Rows = list[dict[str, Any]]


def rows(documents: Any, folder: Path, **options: Any) -> Rows:
    return duplicates(documents, scratch=folder, **options).read_all().to_pylist()


def table(texts: dict[Any, str | None], **columns: list[Any]) -> pa.Table:
    return pa.table({"doc_id": list(texts), "text": list(texts.values()), **columns})


def kinds(found: Rows) -> dict[tuple[Any, Any], str]:
    return {(row["doc"], row["match"]): row["kind"] for row in found}


def edited(text: str, every: int) -> str:
    words = text.split()
    return " ".join(word if place % every else "edit" for place, word in enumerate(words))


def some_texts(prose: Prose) -> dict[str, str | None]:
    """Copies of every kind among twelve texts, and texts like no other."""
    texts: dict[str, str | None] = {}
    for number in range(12):
        text = prose(300, seed=number)
        texts |= {
            f"{number}a": text,
            f"{number}b": text.upper(),
            f"{number}c": edited(text, 40),
            f"{number}d": " ".join(text.split()[:150]),
            f"{number}e": prose(100, seed=100 + number),
        }
    return texts | {"empty": "", "none": None, "short": "two words", "again": "Two words!"}


def test_every_kind_of_copy_is_named_with_what_it_matches(tmp_path: Path, prose: Prose) -> None:
    text = prose(300, seed=1)
    texts = {
        "a": text,
        "b": text.upper().replace(" ", ", "),
        "c": edited(text, 150),
        "d": " ".join(text.split()[:120]),
        "e": prose(300, seed=2),
    }

    found = rows(table(texts), tmp_path)

    assert kinds(found) == {
        ("b", "a"): "exact",
        ("c", "a"): "near",
        ("d", "a"): "contained",
        ("d", "c"): "contained",
    }
    exact, near, part = found[0], found[1], found[2]
    assert (exact["similarity"], exact["containment"]) == (1, 1)
    assert DedupParameters().min_jaccard <= near["similarity"] < 1
    assert part["similarity"] < 0.5 < part["containment"] == 1


def test_a_contained_text_is_the_copy_whatever_its_id(tmp_path: Path, prose: Prose) -> None:
    text = prose(300, seed=1)

    found = rows(table({1: " ".join(text.split()[:120]), 2: text}), tmp_path)

    assert kinds(found) == {(1, 2): "contained"}
    assert found[0]["containment"] == 1


def test_equal_texts_are_a_star_and_one_of_them_is_matched(tmp_path: Path, prose: Prose) -> None:
    text = prose(200, seed=1)

    found = rows(table({3: text, 1: edited(text, 150), 4: text, 2: text}), tmp_path)

    assert kinds(found) == {(2, 1): "near", (3, 2): "exact", (4, 2): "exact"}


def test_texts_without_words_match_nothing(tmp_path: Path) -> None:
    assert rows(table({1: "", 2: None, 3: "...", 4: ""}), tmp_path) == []
    assert (
        rows(table({}).cast(pa.schema([("doc_id", "int64"), ("text", "string")])), tmp_path) == []
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_order_files_and_batches_change_nothing(
    tmp_path: Path, prose: Prose, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = table(some_texts(prose))
    expected = rows(whole, tmp_path)
    assert len(expected) == 49

    monkeypatch.setattr("provenance.dedup.library.TEXTS_AT_ONCE", 7)
    order = random.Random(seed).sample(range(len(whole)), len(whole))
    shuffled = whole.take(pa.array(order))
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    pq.write_table(shuffled.slice(0, 20), paths[0])
    pq.write_table(shuffled.slice(20), paths[1])

    assert rows(paths, tmp_path) == expected


def test_every_form_of_input_gives_the_same_rows(tmp_path: Path, prose: Prose) -> None:
    whole = table(some_texts(prose)).rename_columns(["key", "body"])
    path = tmp_path / "texts.parquet"
    pq.write_table(whole, path)
    names = {"id_column": "key", "text_column": "body"}
    expected = rows(whole, tmp_path, **names)

    for documents in (path, str(path), [path], whole.to_reader(), ds.dataset(path)):
        assert rows(documents, tmp_path, **names) == expected


def test_rows_come_by_match_then_document_under_the_type_of_the_ids(
    tmp_path: Path, prose: Prose
) -> None:
    reader = duplicates(table(some_texts(prose)), scratch=tmp_path)
    assert reader.schema.names == ["doc", "match", "kind", "similarity", "containment"]
    assert reader.schema.field("doc").type == reader.schema.field("match").type == pa.string()

    pairs = [(row["match"], row["doc"]) for row in reader.read_all().to_pylist()]

    assert pairs == sorted(set(pairs))


def test_what_a_site_repeats_makes_no_copies(tmp_path: Path, prose: Prose) -> None:
    menu = prose(300, seed=0)
    pages = table(
        {n: f"{menu} {prose(40, seed=n)}" for n in range(1, 12)},
        site=["www.a.example", "a.example", *["a.example"] * 9],
    )

    assert rows(pages, tmp_path)
    assert rows(pages, tmp_path, host_column="site") == []


def test_parameters_decide_what_a_copy_is(tmp_path: Path, prose: Prose) -> None:
    text = prose(300, seed=1)
    texts = table({1: text, 2: " ".join([*text.split()[:120], prose(60, seed=2)])})

    assert kinds(rows(texts, tmp_path)) == {(2, 1): "contained"}
    assert rows(texts, tmp_path, parameters=DedupParameters(min_containment=0.9)) == []


@pytest.mark.parametrize("is_read", [True, False])
def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path, prose: Prose, is_read: bool) -> None:
    folder = tmp_path / "new"
    reader = duplicates(table(some_texts(prose)), scratch=folder)

    if is_read:
        reader.read_all()
    else:
        reader.read_next_batch()
    del reader
    gc.collect()

    assert list(folder.iterdir()) == []


def test_bad_ids_are_refused(tmp_path: Path) -> None:
    twice = pa.table({"doc_id": ["b", "a", "b", "a", "a"], "text": ["x"] * 5})
    null = pa.table({"doc_id": ["a", None], "text": ["x", "y"]})

    with pytest.raises(InputError) as error:
        rows(twice, tmp_path)

    assert str(error.value) == (
        "column 'doc_id': 3 rows have an id that another has, 'a' first"
        " (accepted: an id of its own for each row)"
    )
    with pytest.raises(InputError, match="column 'doc_id': an id is null"):
        rows(null, tmp_path)


def test_columns_that_are_not_there_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'texts'; did you mean 'text'"):
        duplicates(table({1: "a"}), scratch=tmp_path / "new", text_column="texts")
    with pytest.raises(InputError, match="no column 'host'"):
        duplicates(table({1: "a"}), scratch=tmp_path / "new", host_column="host")
    assert not (tmp_path / "new").exists()


def test_texts_of_another_type_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column 'text': holds int64"):
        rows(pa.table({"doc_id": [1], "text": [5]}), tmp_path)
