"""What identifies a text, column by column."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import batch as contract
from provenance.errors import InputError
from provenance.stage import Stage
from provenance.stages.identify import Identify
from provenance.text.normal import content_hash

ENGLISH = "The committee met on Tuesday to discuss the budget for the coming year in some detail."
RUSSIAN = "Комитет собрался во вторник, чтобы подробно обсудить бюджет на следующий год."


def batch_of(texts: list[str | None]) -> pa.RecordBatch:
    schema = contract.schema(["doc_id", "text"])
    ids = pa.array([i.to_bytes(16, "big") for i in range(len(texts))], contract.DOC_ID)
    return pa.RecordBatch.from_arrays([ids, pa.array(texts, pa.large_string())], schema=schema)


def identified(texts: list[str | None]) -> dict[str, list[object]]:
    after = Identify()(batch_of(texts)).to_pydict()
    return {name: after[name] for name in Identify.adds}


def test_it_is_a_stage_that_adds_every_column_it_owns() -> None:
    after = Identify()(batch_of([ENGLISH]))

    assert isinstance(Identify(), Stage)
    assert after.schema.names == ["doc_id", "text", *contract.added_by("identify")]


def test_every_column_describes_its_own_row() -> None:
    columns = identified([ENGLISH, RUSSIAN])

    assert columns["lang"] == ["en", "ru"]
    assert columns["n_chars"] == [len(ENGLISH), len(RUSSIAN)]
    assert columns["normal_form"] == [ENGLISH.lower().rstrip("."), RUSSIAN.lower().translate(
        {ord(","): None, ord("."): None})]  # fmt: skip
    assert columns["content_hash"] == [content_hash(str(form)) for form in columns["normal_form"]]


def test_texts_that_differ_in_looks_share_a_hash() -> None:
    hashes = identified([ENGLISH, f"  {ENGLISH.upper()}\n", ENGLISH.replace(" ", "\u200b  ")])

    assert len(set(hashes["content_hash"])) == 1


def test_a_null_text_is_null_everywhere_and_moves_no_other_row() -> None:
    columns = identified([None, ENGLISH, None, RUSSIAN, None])

    assert [row is None for row in columns["lang"]] == [True, False, True, False, True]
    for values in columns.values():
        assert values[0] is values[2] is values[4] is None
    assert columns["lang"] == [None, "en", None, "ru", None]


def test_rarity_is_null_for_a_text_too_short_to_know() -> None:
    assert identified(["only four plain words"])["rarity"] == [None]


@pytest.mark.parametrize("texts", [[], [None], [None, None]])
def test_a_batch_without_text_keeps_its_types(texts: list[str | None]) -> None:
    after = Identify()(batch_of(texts))

    assert after.num_rows == len(texts)
    for name in Identify.adds:
        assert after.schema.field(name).type == contract.COLUMNS[name].type
        assert after.column(name).null_count == len(texts)


def test_a_slice_of_a_batch_gives_a_slice_of_the_result() -> None:
    whole = batch_of([ENGLISH, None, RUSSIAN, "short", None])

    assert Identify()(whole.slice(1, 3)).equals(Identify()(whole).slice(1, 3))


def test_a_tokenizer_that_does_not_exist_is_refused_when_built(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        Identify(tokenizer=str(tmp_path / "tokenizer.json"))


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=40))))
@settings(deadline=None)
def test_rows_keep_their_number_and_order(texts: list[str | None]) -> None:
    before = batch_of(texts)

    after = Identify()(before)

    assert after.column("doc_id").equals(before.column("doc_id"))
    assert after.column("n_chars").to_pylist() == [None if t is None else len(t) for t in texts]
