"""What is written, how often and in which order: curriculum, repeats and views of whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.dataset as ds
import pytest
from crawls import Page, contents, prose, write_warc

import provenance
from provenance.errors import PolicyError

STRATA = """\
version: 1
drop:
  - {when: "n_chars < 200", reason: too_short}
  - {when: "not is_keeper", reason: duplicate}
mix:
  budget: max
  repeats: REPEATS
  strata:
    - {name: early, where: "tier = 1", share: 0.7, max_epochs: 3}
    - {name: rest, where: "tier != 1", share: 0.3}
"""
ORDER = "curriculum: {window: 4 documents, human_refresh: every window}\n"
VIEWS = """\
views:
  pre_ai: "first_seen < DATE '2022-01-01'"
  new_site: {where: "host = 'new.example'", copy_rows: true}
"""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored")
    early = [Page(f"https://old.example/{i}", prose(i), "2019-01-01T00:00:00Z") for i in range(9)]
    late = [Page(f"https://new.example/{i}", prose(100 + i)) for i in range(24)]
    write_warc(folder / "crawl" / "a.warc.gz", early + late[:6])
    write_warc(folder / "crawl" / "b.warc.gz", late[6:])
    provenance.score([str(folder / "crawl")], out=folder / "scored", workers=1, slice_bytes=4000)
    return folder / "scored"


def mixed(scored: Path, out: Path, text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    policy = out.with_suffix(".yaml")
    policy.write_text(text, encoding="utf-8")
    result = provenance.mix(scored, out=out, policy=policy)
    files = sorted(out.glob("data/*.parquet"))
    return dict(result.manifest), ds.dataset(files).to_table().to_pylist()


def strata(repeats: str) -> str:
    return STRATA.replace("REPEATS", repeats)


def test_a_repeat_is_a_row_or_a_number(scored: Path, tmp_path: Path) -> None:
    in_column, one_row_each = mixed(scored, tmp_path / "a", strata("column"))
    in_rows, repeated = mixed(scored, tmp_path / "b", strata("rows"))

    assert in_rows["mix"] == in_column["mix"]
    epochs = {row["doc_id"]: row["epochs"] for row in one_row_each}
    assert max(epochs.values()) > 1
    assert {row["epochs"] for row in repeated} == {1}
    rows = [row["doc_id"] for row in repeated]
    assert {doc: rows.count(doc) for doc in set(rows)} == epochs


@pytest.mark.parametrize("repeats", ["rows", "column"])
def test_every_window_holds_every_stratum_to_within_two_documents(
    scored: Path, tmp_path: Path, repeats: str
) -> None:
    manifest, rows = mixed(scored, tmp_path / "out", strata(repeats) + ORDER)

    names = np.array([row["stratum"] for row in rows])
    for name in ("early", "rest"):
        marked = names == name
        for start in range(len(rows) - 3):
            assert abs(marked[start : start + 4].sum() - 4 * marked.mean()) < 2
    assert manifest["curriculum"]["human_gap"] < 4


def test_the_curriculum_holds_the_rows_of_the_mix(scored: Path, tmp_path: Path) -> None:
    _, plain = mixed(scored, tmp_path / "a", strata("rows"))

    _, ordered = mixed(scored, tmp_path / "b", strata("rows") + ORDER)

    def key(row: dict[str, Any]) -> bytes:
        doc: bytes = row["doc_id"]
        return doc

    assert sorted(ordered, key=key) == sorted(plain, key=key)
    assert ordered != plain


def test_slices_of_the_input_leave_no_trace_in_the_curriculum(tmp_path: Path, crawl: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\ncurriculum: {window: 5}\n" + VIEWS, encoding="utf-8")
    for name, slice_bytes, workers in (("a", 1500, 1), ("b", 10**9, 2)):
        provenance.clean(
            [str(crawl)], out=tmp_path / name, policy=policy, slice_bytes=slice_bytes,
            workers=workers,
        )  # fmt: skip

    assert contents(tmp_path / "a" / "data") == contents(tmp_path / "b" / "data")


def test_the_order_of_the_files_leaves_no_trace_in_the_mix(crawl: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(strata("rows") + ORDER, encoding="utf-8")
    first, second = str(crawl / "a.warc.gz"), str(crawl / "b.warc.gz")
    provenance.clean([first, second], out=tmp_path / "a", policy=policy, workers=1)

    provenance.clean([second, first], out=tmp_path / "b", policy=policy, workers=1)

    assert contents(tmp_path / "a" / "data") == contents(tmp_path / "b" / "data")


def test_a_cadence_that_cannot_be_kept_is_refused_with_the_numbers(
    scored: Path, tmp_path: Path
) -> None:
    text = "version: 1\ncurriculum: {window: 10, human_refresh: every 2 documents}\n"

    with pytest.raises(PolicyError, match=r"every 2; the 9 among 33 rows leave 3 in a row"):
        mixed(scored, tmp_path / "out", text)


@pytest.mark.parametrize("order", ["", ORDER])
def test_every_view_is_a_configuration_that_loads_by_name(
    scored: Path, tmp_path: Path, order: str
) -> None:
    datasets = pytest.importorskip("datasets")
    manifest, rows = mixed(scored, tmp_path / "out", strata("column") + order + VIEWS)

    for view in manifest["views"]:
        loaded = datasets.load_dataset(
            str(tmp_path / "out"), view["name"], cache_dir=str(tmp_path / "cache")
        )["train"]
        expected = [row["doc_id"] for row in rows if row[view["column"]]]
        assert loaded["doc_id"] == expected
        assert view["documents"] == len(expected) > 0
        assert view["tokens"] == sum(
            n * e for n, e in zip(loaded["n_tokens"], loaded["epochs"], strict=True)
        )
    whole = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert whole["train"].num_rows == len(rows)


def test_a_view_whose_predicate_is_null_holds_nothing(scored: Path, tmp_path: Path) -> None:
    text = strata("column") + "views: {listed: \"source_class = 'partner'\"}\n"

    manifest, rows = mixed(scored, tmp_path / "out", text)

    assert {row["source_class"] for row in rows} == {None}
    assert {row["view_listed"] for row in rows} == {False}
    assert manifest["views"][0]["documents"] == 0


def test_only_a_view_that_asks_for_it_is_copied(scored: Path, tmp_path: Path) -> None:
    manifest, rows = mixed(scored, tmp_path / "out", strata("column") + VIEWS)

    assert [path.name for path in (tmp_path / "out" / "views").iterdir()] == ["new_site.parquet"]
    assert "views/new_site.parquet" in manifest["files"]
    copied = duckdb.sql(f"SELECT url FROM '{tmp_path}/out/views/new_site.parquet'").fetchall()
    assert [url for (url,) in copied] == [r["url"] for r in rows if r["host"] == "new.example"]
