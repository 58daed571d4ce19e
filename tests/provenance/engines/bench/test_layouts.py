"""Which column says what: published layouts are recognised, and what is ambiguous is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from provenance.engines.bench import files
from provenance.engines.bench.layouts import Labelled, Labels, NamedColumns, layout_of
from provenance.errors import InputError


def csv_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    pa.csv.write_csv(pa.Table.from_pylist(list(rows)), path)
    return path


def jsonl_file(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def texts(
    path: Path, columns: NamedColumns | None = None, labels: str | None = None
) -> list[Labelled]:
    layout = layout_of(
        path, columns or NamedColumns(), Labels.parse(labels) if labels else Labels()
    )
    rows = enumerate(files.rows(path, layout.columns))
    return [text for number, row in rows for text in layout.texts(number, row)]


RAID = {
    "id": "a1", "adv_source_id": "s1", "source_id": "s1", "model": "human", "decoding": "",
    "repetition_penalty": "", "attack": "none", "domain": "czech", "title": "T", "prompt": "",
    "generation": "Line one.\nLine two, with a comma.",
}  # fmt: skip


def test_raid_is_recognised_with_its_source_as_the_unit(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "raid.csv",
        [RAID, RAID | {"id": "a2", "model": "gpt4", "attack": "homoglyph", "domain": "news"}],
    )

    assert texts(path) == [
        Labelled("a1", RAID["generation"], False, "raid", "human", "czech", "cs", "none", "s1"),
        Labelled("a2", RAID["generation"], True, "raid", "gpt4", "news", "en", "homoglyph", "s1"),
    ]


def test_the_raid_test_set_has_no_labels(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "test.csv", [{"id": "a1", "generation": "Text."}])

    (only,) = texts(path)

    assert (only.id, only.text, only.is_ai) == ("a1", "Text.", None)


def test_mages_one_is_human_and_its_zero_machine(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "mage.csv",
        [
            {"text": "A.", "label": 1, "src": "cmv_human"},
            {"text": "B.", "label": 0, "src": "sci_gen_machine_continuation_flan_t5_small"},
        ],
    )

    human, machine = texts(path)

    assert (human.is_ai, human.generator, human.domain) == (False, "human", "cmv")
    assert (machine.is_ai, machine.generator, machine.domain) == (True, "flan_t5_small", "sci_gen")


@pytest.mark.parametrize(("label", "src"), [(0, "cmv_human"), (1, "cmv_machine_topical_gpt_j")])
def test_mage_with_its_labels_flipped_is_refused(tmp_path: Path, label: int, src: str) -> None:
    path = csv_file(tmp_path / "mage.csv", [{"text": "A.", "label": label, "src": src}])

    with pytest.raises(InputError, match=f"row 1: label {label} of src '{src}'"):
        texts(path)


def test_hc3_gives_a_text_per_answer_of_one_unit_a_question(tmp_path: Path) -> None:
    row = {"question": "Why?", "human_answers": ["H1", "H2"], "chatgpt_answers": ["C1"],
           "source": "finance"}  # fmt: skip
    path = jsonl_file(tmp_path / "hc3.jsonl", [row, row | {"chatgpt_answers": []}])

    found = texts(path)

    assert [(one.text, one.is_ai, one.generator, one.unit) for one in found] == [
        ("H1", False, "human", "hc3:0"),
        ("H2", False, "human", "hc3:0"),
        ("C1", True, "chatgpt", "hc3:0"),
        ("H1", False, "human", "hc3:1"),
        ("H2", False, "human", "hc3:1"),
    ]
    assert len({one.id for one in found}) == 5
    assert {one.domain for one in found} == {"finance"}


def test_columns_of_their_plain_names_need_not_be_named(tmp_path: Path) -> None:
    row = {"id": "x", "text": "T.", "label": "ai", "generator": "o3", "domain": "essay",
           "language": "ko", "attack": "none", "dataset": "d"}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "own.parquet")

    assert texts(tmp_path / "own.parquet") == [
        Labelled("x", "T.", True, "d", "o3", "essay", "ko", "none")
    ]


def test_named_columns_are_read_whatever_the_file_looks_like(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "raid.csv", [RAID])
    columns = NamedColumns(text="title", label="model", domain="attack")

    (only,) = texts(path, columns)

    assert (only.text, only.is_ai, only.domain, only.generator) == ("T", False, "none", "human")


@pytest.mark.parametrize("label", [0, 1, True, "yes", None])
def test_a_label_that_could_mean_either_is_refused_with_its_place(
    tmp_path: Path, label: object
) -> None:
    path = jsonl_file(
        tmp_path / "own.jsonl",
        [{"text": "A.", "label": "human"}, {"text": "B.", "label": label}],
    )

    with pytest.raises(InputError) as caught:
        texts(path)

    assert str(caught.value) == (
        f"{path}, row 2: label '{label}' is neither human nor ai"
        " (accepted: say which is which: --labels human=VALUE,ai=VALUE)"
    )


def test_a_statement_says_what_labels_mean_and_nothing_else_is_guessed(tmp_path: Path) -> None:
    path = jsonl_file(
        tmp_path / "own.jsonl", [{"text": "A.", "label": 0}, {"text": "B.", "label": 1}]
    )

    assert [one.is_ai for one in texts(path, labels="human=0,ai=1")] == [False, True]
    assert [one.is_ai for one in texts(path, labels="human=1,ai=0")] == [True, False]
    with pytest.raises(InputError, match="label '1' is neither"):
        texts(path, labels="human=0,ai=2")


@pytest.mark.parametrize(
    "said", ["", "human", "human=", "people=0", "human=0,ai=0", "human=0;ai=1,"]
)
def test_a_statement_that_says_nothing_clear_is_refused(said: str) -> None:
    with pytest.raises(InputError, match="human=VALUE,ai=VALUE"):
        Labels.parse(said)


def test_every_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "own.csv", [{"body": "A.", "lable": "human"}])

    with pytest.raises(InputError) as caught:
        texts(path, NamedColumns(text="boddy"))

    assert [(p.what, p.suggestion) for p in caught.value.problems] == [
        ("no column 'boddy' for --text-column", "body"),
        ("no column 'label' for --label-column", "lable"),
    ]


def test_a_text_that_is_null_is_refused_with_its_place(tmp_path: Path) -> None:
    path = jsonl_file(tmp_path / "own.jsonl", [{"text": None, "label": "ai"}])

    with pytest.raises(InputError, match="row 1: the text is NoneType"):
        texts(path)


def test_packed_files_are_read_as_plain_ones(tmp_path: Path) -> None:
    rows = [{"text": 'A,\n"B"', "label": "human"}, {"text": "", "label": "ai"}]
    plain = csv_file(tmp_path / "own.csv", rows)
    packed = tmp_path / "own.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    lines = jsonl_file(tmp_path / "own.jsonl", rows)

    assert [one.text for one in texts(plain)] == ['A,\n"B"', ""]
    assert texts(packed) == texts(plain)
    assert [one.text for one in texts(lines)] == ['A,\n"B"', ""]


def test_a_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "A.", "label": "ai"}\n[1]\n', encoding="utf-8")

    with pytest.raises(InputError, match=r"own\.jsonl:2: is a list \(accepted: an object a line\)"):
        texts(path)


def test_files_that_are_missing_unknown_or_given_twice_are_all_named(tmp_path: Path) -> None:
    known = jsonl_file(tmp_path / "own.jsonl", [{"text": "A.", "label": "ai"}])
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError) as caught:
        files.labelled_files(
            [known, known, tmp_path / "no.csv", tmp_path / "notes.txt", tmp_path / "empty"]
        )

    assert sorted(problem.what for problem in caught.value.problems) == [
        "does not exist", "holds no labelled file", "is given twice", "is of no known format",
    ]  # fmt: skip


def test_a_folder_stands_for_its_labelled_files(tmp_path: Path) -> None:
    jsonl_file(tmp_path / "b.jsonl", [])
    csv_file(tmp_path / "a.csv", [{"text": "A."}])
    (tmp_path / "README.md").touch()

    assert [path.name for path in files.labelled_files([tmp_path])] == ["a.csv", "b.jsonl"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    path.write_bytes(b"PAR1 no more")

    with pytest.raises(InputError, match=r"own\.parquet: cannot be read"):
        files.columns_of(path)
