"""What lies outside the crawl: anchors date later copies, and never what quotes them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from crawls import Page, contents, prose, write_warc

import provenance
from provenance.errors import InputError, OutputError

Row = dict[str, object]


def decisions(out: Path) -> dict[str, Row]:
    rows: list[Row] = pq.read_table(out / "decisions.parquet").to_pylist()
    return {str(row["url"]): row for row in rows}


def cut(text: str, share: float) -> str:
    words = text.split()
    return " ".join(words[: int(len(words) * share)])


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    """Eight texts of 2012 to 2019."""
    pages = [
        Page(f"https://early.example/{i}", prose(i, n_words=400), f"201{2 + i}-01-01T00:00:00Z")
        for i in range(8)
    ]
    write_warc(tmp_path / "archive" / "a.warc.gz", pages)
    provenance.anchor_build([str(tmp_path / "archive")], out=tmp_path / "A", workers=1)
    return tmp_path / "A"


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """A crawl of 2024: a copy, a truncated copy, quotes, and a page of its own."""
    quoted = cut(prose(2, n_words=400), 0.3)
    pages = [
        Page("https://mirror.example/0", prose(0, n_words=400)),
        Page("https://mirror.example/1", cut(prose(1, n_words=400), 0.6)),
        Page("https://essay.example/2", f"{prose(50, n_words=250)} {quoted}"),
        Page("https://own.example/3", prose(60, n_words=400)),
        Page("https://old.example/4", prose(4, n_words=400), "2010-01-01T00:00:00Z"),
    ]
    write_warc(tmp_path / "late" / "a.warc.gz", pages)
    return tmp_path / "late"


def clean(crawl: Path, out: Path, plain: Path, **given: object) -> dict[str, Row]:
    provenance.clean([str(crawl)], out=out, policy=plain, workers=1, **given)  # type: ignore[arg-type]
    return decisions(out)


def test_copies_of_archived_texts_get_their_date_and_tier(
    late: Path, anchor: Path, tmp_path: Path, plain: Path
) -> None:
    rows = clean(late, tmp_path / "out", plain, anchor=anchor)

    seen = {url: f"{row['first_seen']:%Y}" for url, row in rows.items()}
    assert seen == {
        "https://mirror.example/0": "2012",
        "https://mirror.example/1": "2013",
        "https://essay.example/2": "2024",
        "https://own.example/3": "2024",
        "https://old.example/4": "2010",
    }
    dated = [url for url, row in rows.items() if row["anchor_doc"]]
    assert dated == ["https://mirror.example/0", "https://mirror.example/1"]
    assert {(rows[url]["tier"], rows[url]["tier_reason"]) for url in dated} == {
        (1, "earlier_copy_before_cutoff")
    }


def test_the_lender_is_named_in_the_dataset_and_explained(
    late: Path, anchor: Path, tmp_path: Path, plain: Path
) -> None:
    rows = clean(late, tmp_path / "out", plain, anchor=anchor)

    matches = pq.read_table(tmp_path / "out" / "matches.parquet").to_pylist()
    (match,) = [row for row in matches if row["url"] == "https://early.example/0"]
    assert len(matches) == 2
    assert match["match_id"].hex() == rows["https://mirror.example/0"]["anchor_doc"]
    assert match["kind"] == "anchor"
    (found,) = provenance.explain(tmp_path / "out", "https://mirror.example/0")
    assert (
        "  first seen on 2012-01-01: its text is covered by the earlier document"
        f" {match['match_id'].hex()}, of an anchor: https://early.example/0"
    ) in found.text().splitlines()


def test_the_digest_of_the_anchor_is_part_of_the_request(
    late: Path, anchor: Path, tmp_path: Path, plain: Path
) -> None:
    clean(late, tmp_path / "out", plain, anchor=anchor)

    result = provenance.clean([str(late)], out=tmp_path / "out", policy=plain, anchor=[anchor])
    with pytest.raises(OutputError, match="another request"):
        clean(late, tmp_path / "out", plain)

    digest = provenance.anchor_info(anchor).facts["digest"]
    assert result.manifest["request"]["references"]["anchors"] == [digest]
    assert "matches.parquet" in result.manifest["files"]


def test_several_anchors_lend_like_their_merger(
    late: Path, anchor: Path, tmp_path: Path, plain: Path
) -> None:
    earlier = [Page("https://first.example/", prose(0, n_words=400), "2009-01-01T00:00:00Z")]
    write_warc(tmp_path / "first" / "a.warc.gz", earlier)
    provenance.anchor_build([str(tmp_path / "first")], out=tmp_path / "B", workers=1)
    provenance.anchor_merge([anchor, tmp_path / "B"], out=tmp_path / "C")

    both = clean(late, tmp_path / "both", plain, anchor=[anchor, tmp_path / "B"])
    merged = clean(late, tmp_path / "merged", plain, anchor=tmp_path / "C")

    assert both == merged
    assert f"{both['https://mirror.example/0']['first_seen']:%Y}" == "2009"


def test_mixing_a_store_with_an_anchor_is_cleaning_with_it(
    late: Path, anchor: Path, tmp_path: Path, plain: Path
) -> None:
    clean(late, tmp_path / "out", plain, anchor=anchor)

    provenance.mix(tmp_path / "out" / "scored", out=tmp_path / "mix", policy=plain, anchor=anchor)

    whole, mixed = contents(tmp_path / "out"), contents(tmp_path / "mix")
    for name in ("decisions.parquet", "matches.parquet", "request.json"):
        assert whole[name] == mixed[name]


def test_exact_copies_alone_count_where_the_policy_says_so(
    late: Path, anchor: Path, tmp_path: Path
) -> None:
    exact = tmp_path / "exact.yaml"
    exact.write_text("version: 1\ndedup: {near_duplicates: false}\n", encoding="utf-8")

    rows = clean(late, tmp_path / "out", exact, anchor=anchor)

    assert [url for url, row in rows.items() if row["anchor_doc"]] == ["https://mirror.example/0"]


def test_an_undated_archive_lends_nothing(late: Path, tmp_path: Path, plain: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(f'{{"text": "{prose(0, n_words=400)}"}}\n')
    provenance.anchor_build([str(tmp_path / "rows.jsonl")], out=tmp_path / "A", workers=1)

    rows = clean(late, tmp_path / "out", plain, anchor=tmp_path / "A")

    assert [url for url, row in rows.items() if row["anchor_doc"]] == []


def test_every_folder_that_is_no_anchor_is_named_at_once(late: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        provenance.clean([str(late)], out=tmp_path / "out", anchor=[tmp_path / "x", tmp_path / "y"])

    assert [problem.where for problem in caught.value.problems] == [
        str(tmp_path / "x"),
        str(tmp_path / "y"),
    ]
    assert not (tmp_path / "out").exists()


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """Three items: one of 40 words, one of 10, one too short to look for."""
    items = [prose(2, n_words=400).split()[100:140], prose(60).split()[20:30], ["too", "short"]]
    rows = [json.dumps({"text": " ".join(item), "id": f"q{i}"}) for i, item in enumerate(items)]
    (tmp_path / "bench.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path / "bench.jsonl"


def test_documents_that_contain_an_item_are_dropped_and_name_it(
    late: Path, benchmark: Path, tmp_path: Path, plain: Path
) -> None:
    rows = clean(late, tmp_path / "out", plain, exclude=benchmark)

    reasons = {url: row["reason"] for url, row in rows.items() if row["decision"] == "drop"}
    assert reasons == {"https://own.example/3": "contaminated"}
    (found,) = provenance.explain(tmp_path / "out", "https://own.example/3")
    assert found.text().splitlines()[-1] == (
        "  DROPPED: contaminated: the text contains an item of a benchmark that was to be excluded"
    )
    item = rows["https://own.example/3"]["contaminated_by"].hex()  # type: ignore[attr-defined]
    assert f"  contains the benchmark item {item}, excluded: q1" in found.text().splitlines()


def test_a_benchmark_may_be_an_anchor_with_a_text_column_of_its_own(
    late: Path, tmp_path: Path, plain: Path
) -> None:
    question = " ".join(prose(60).split()[20:60])
    rows = [json.dumps({"question": question, "answer": "yes"})]
    (tmp_path / "bench.jsonl").write_text("\n".join(rows), encoding="utf-8")
    provenance.anchor_build(
        [str(tmp_path / "bench.jsonl")], out=tmp_path / "B", text_column="question", workers=1
    )

    found = clean(late, tmp_path / "out", plain, exclude=tmp_path / "B")

    dropped = [url for url, row in found.items() if row["reason"] == "contaminated"]
    assert dropped == ["https://own.example/3"]


def test_items_too_short_to_look_for_are_counted(
    late: Path, benchmark: Path, tmp_path: Path, plain: Path
) -> None:
    result = provenance.clean(
        [str(late)], out=tmp_path / "out", policy=plain, exclude=[benchmark], workers=1
    )

    assert result.manifest["references"] == {"excluded_items": 3, "excluded_items_too_short": 1}
