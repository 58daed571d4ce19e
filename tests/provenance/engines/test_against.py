"""Next month's crawl against last month's: as if both had been one, last month's preferred."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from crawls import Page, contents, prose, write_warc

import provenance
from provenance.errors import InputError

Row = dict[str, object]
DEDUP = ("is_keeper", "duplicate_of", "cluster_id", "first_seen", "anchor_doc", "tier", "reason")


def decisions(out: Path) -> dict[str, Row]:
    rows: list[Row] = pq.read_table(out / "decisions.parquet").to_pylist()
    return {f"{row['url']} {row['captured_at']:%m}": row for row in rows}


def cut(seed: int, share: float) -> str:
    words = prose(seed, n_words=300).split()
    return " ".join(words[: int(len(words) * share)])


def captures(pages: dict[str, str], month: str) -> list[Page]:
    """Pages captured a day after each other."""
    return [
        Page(f"https://{url}", text, f"2024-{month}-{1 + day:02}T00:00:00Z")
        for day, (url, text) in enumerate(pages.items())
    ]


@pytest.fixture
def months(tmp_path: Path) -> tuple[Path, Path]:
    """Pages of May; in June copies, a part, a longer version, a template's pages, new ones."""
    menu = prose(900, n_words=60)
    may = {f"a.example/{i}": f"{menu} {prose(i, n_words=300)}" for i in range(6)}
    june = {
        "a.example/0": may["a.example/0"],
        "b.example/1": prose(1, n_words=300),
        "b.example/2": cut(2, 0.4),
        "b.example/3": f"{prose(3, n_words=300)} {prose(50, n_words=600)}",
        "a.example/new": f"{menu} {prose(60, n_words=300)}",
        "b.example/new": prose(61, n_words=300),
        "c.example/new": prose(61, n_words=300),
    }
    write_warc(tmp_path / "may" / "a.warc.gz", captures(may, "05"))
    write_warc(tmp_path / "june" / "b.warc.gz", captures(june, "06"))
    return tmp_path / "may", tmp_path / "june"


@pytest.fixture
def against(months: tuple[Path, Path], tmp_path: Path, plain: Path) -> Path:
    may, june = months
    provenance.clean([str(may)], out=tmp_path / "out-may", policy=plain, workers=1)
    provenance.clean(
        [str(june)], out=tmp_path / "out-june", policy=plain, workers=1,
        against=tmp_path / "out-may",
    )  # fmt: skip
    return tmp_path / "out-june"


def test_it_is_as_if_both_months_had_been_one(
    months: tuple[Path, Path], against: Path, tmp_path: Path, plain: Path
) -> None:
    provenance.clean([str(m) for m in months], out=tmp_path / "both", policy=plain, workers=1)

    found, together = decisions(against), decisions(tmp_path / "both")
    assert len(found) == 7
    assert {url: [row[name] for name in DEDUP] for url, row in found.items()} == {
        url: [together[url][name] for name in DEDUP] for url in found
    }
    assert {url for url, row in found.items() if row["reason"] == "duplicate"} == {
        "https://a.example/0 06", "https://b.example/1 06", "https://b.example/2 06",
        "https://c.example/new 06",
    }  # fmt: skip


def test_the_earlier_document_and_its_run_are_named(against: Path, tmp_path: Path) -> None:
    (found,) = provenance.explain(against, "https://b.example/1")

    (lender,) = provenance.explain(tmp_path / "out-may", "https://a.example/1")
    name = f"{lender.facts['id']}, of an earlier run: https://a.example/1"
    lines = found.text().splitlines()
    assert (
        f"  first seen on 2024-05-02: its text is covered by the earlier document {name}" in lines
    )
    assert any(line.endswith(f"; matches document {name}") for line in lines)
    matches = pq.read_table(against / "matches.parquet").to_pylist()
    assert {row["kind"] for row in matches} == {"earlier_run"}
    assert {row["reference"] for row in matches} == {
        provenance.mix(tmp_path / "out-may" / "scored", out=tmp_path / "again").manifest["request"][
            "plan"
        ]
    }


def test_the_earlier_run_stands_even_when_its_copy_was_captured_later(
    months: tuple[Path, Path], tmp_path: Path, plain: Path
) -> None:
    may, june = months
    provenance.clean([str(june)], out=tmp_path / "out-june", policy=plain, workers=1)

    provenance.clean(
        [str(may)], out=tmp_path / "out-may", policy=plain, workers=1,
        against=tmp_path / "out-june" / "scored",
    )  # fmt: skip

    rows = decisions(tmp_path / "out-may")
    assert rows["https://a.example/0 05"]["reason"] == "duplicate"
    assert f"{rows['https://a.example/0 05']['first_seen']:%m}" == "05"
    assert rows["https://a.example/2 05"]["reason"] is None  # June has a part of it alone


def test_the_texts_of_earlier_runs_are_not_needed(
    months: tuple[Path, Path], against: Path, tmp_path: Path, plain: Path
) -> None:
    """What is left of the earlier store without its texts gives the same decisions."""
    store = tmp_path / "out-may" / "scored"
    for part in (store / "documents").glob("*.parquet"):
        table = pq.read_table(part)
        pq.write_table(table.drop_columns(["text"]), part)

    provenance.mix(
        against / "scored", out=tmp_path / "again", policy=plain, against=tmp_path / "out-may"
    )

    name = "decisions.parquet"
    assert contents(tmp_path / "again")[name] == contents(against)[name]


def test_files_of_one_name_in_two_months_are_different_documents(
    tmp_path: Path, plain: Path
) -> None:
    for month, seed in (("may", 1), ("june", 2)):
        (tmp_path / month).mkdir()
        (tmp_path / month / "rows.jsonl").write_text(f'{{"text": "{prose(seed, n_words=300)}"}}\n')
    provenance.clean([str(tmp_path / "may")], out=tmp_path / "a", policy=plain, workers=1)

    result = provenance.clean(
        [str(tmp_path / "june")],
        out=tmp_path / "b",
        policy=plain,
        workers=1,
        against=tmp_path / "a",
    )

    ids = [pq.read_table(tmp_path / out / "decisions.parquet")["doc_id"][0] for out in "ab"]
    assert ids[0] == ids[1]
    assert result.manifest["summary"]["kept_documents"] == 1


def test_three_months_are_as_one(tmp_path: Path, plain: Path) -> None:
    pages = [
        [Page(f"https://{m}.example/{i}", prose(i), f"2024-0{m}-1{i}T00:00:00Z") for i in numbers]
        for m, numbers in ((5, (0, 1, 2)), (6, (1, 2, 3)), (7, (0, 2, 3, 4)))
    ]
    for month, given in enumerate(pages):
        write_warc(tmp_path / f"m{month}" / f"{month}.warc.gz", given)
        provenance.clean(
            [str(tmp_path / f"m{month}")], out=tmp_path / f"out{month}", policy=plain, workers=1,
            against=[tmp_path / f"out{earlier}" for earlier in range(month)],
        )  # fmt: skip

    kept = [
        {url.split("/")[-1][0] for url, row in decisions(tmp_path / f"out{month}").items()
         if row["decision"] == "keep"}
        for month in range(3)
    ]  # fmt: skip

    assert kept == [{"0", "1", "2"}, {"3"}, {"4"}]


def test_a_folder_that_is_no_run_is_refused(months: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no scored store is here"):
        provenance.clean([str(months[1])], out=tmp_path / "out", against=tmp_path / "nothing")
