"""What people judged decides, and is named where it decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawls import Page, contents, prose, write_warc

import provenance

POLICY = "version: 1\ndrop:\n  - {when: 'tier = 0', reason: synthetic}\n"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("judged")
    pages = [Page(f"https://new.example/{i}", prose(i)) for i in range(6)]
    pages += [Page("https://old.example/", prose(50), "2019-01-01T00:00:00Z")]
    write_warc(root / "crawl.warc.gz", pages)
    (root / "policy.yaml").write_text(POLICY, encoding="utf-8")
    provenance.clean(root / "crawl.warc.gz", out=root / "out", policy=root / "policy.yaml",
                     workers=1)  # fmt: skip
    provenance.review(root / "out", out=root / "review", sample=50)
    return root / "out"


def rows_of(out: Path) -> dict[str, dict[str, Any]]:
    return {row["url"]: row for row in pq.read_table(out / "decisions.parquet").to_pylist()}


def verdicts(dataset: Path, folder: Path, given: list[tuple[str, str, str]]) -> Path:
    """A folder of imported verdicts, of (last part of the URL, verdict, reviewer)."""
    ids = {url: row["doc_id"].hex() for url, row in rows_of(dataset).items()}
    lines = [f"{ids['https://' + url]},{verdict},{who}" for url, verdict, who in given]
    path = folder.with_suffix(".csv")
    path.write_text("\n".join(["doc_id,verdict,reviewer", *lines]), encoding="utf-8")
    provenance.review_import(path, review=dataset.parent / "review", out=folder)
    return folder


def mixed(dataset: Path, out: Path, folders: list[Path]) -> dict[str, dict[str, Any]]:
    provenance.mix(dataset / "scored", out=out, policy=dataset.parent / "policy.yaml",
                   verdicts=folders)  # fmt: skip
    return rows_of(out)


GIVEN = [
    ("new.example/0", "machine", "ann"), ("new.example/1", "human", "ann"),
    ("new.example/2", "mixed", "ann"), ("new.example/3", "unsure", "ann"),
    ("new.example/4", "human", "ann"), ("new.example/4", "machine", "bob"),
    ("old.example/", "machine", "ann"),
]  # fmt: skip


@pytest.fixture(scope="module")
def judged(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("verdicts")
    folder = verdicts(dataset, root / "verdicts", GIVEN)
    mixed(dataset, root / "judged", [folder])
    return root / "judged"


def test_verdicts_decide_the_tier_unless_a_trusted_date_does(dataset: Path, judged: Path) -> None:
    before, after = rows_of(dataset), rows_of(judged)
    reasons = {url.removeprefix("https://"): row["tier_reason"] for url, row in after.items()}

    assert reasons["new.example/0"] == "reviewed_synthetic"
    assert reasons["new.example/1"] == "reviewed_human"
    assert reasons["new.example/2"] == "reviewed_mixed"
    assert reasons["old.example/"] == "captured_before_cutoff"
    for url in ("https://new.example/3", "https://new.example/4", "https://new.example/5"):
        assert after[url] == before[url]
    assert after["https://new.example/0"]["reason"] == "synthetic"
    assert after["https://new.example/1"]["p_synthetic"] < 1e-3


def test_explain_names_the_verdict_and_the_sum_holds(judged: Path) -> None:
    (found,) = provenance.explain(judged, "https://new.example/1")
    lines = [line.strip() for line in found.lines]
    i = lines.index("log-odds of being synthetic, in nats:")
    parts = []
    for line in lines[i + 1 :]:
        parts.append(line)
        if line.endswith("in all"):
            break

    assert "-13.82  human_review: 1 verdict of people who read it" in parts
    total = float(parts[-1].split()[0])
    assert total == pytest.approx(sum(float(p.split()[0]) for p in parts[:-1]), abs=0.03)
    assert "tier 2: people who read it judged that a person wrote it" in lines


def test_the_dataset_keeps_what_it_was_graded_with(judged: Path) -> None:
    facts = pq.read_table(judged / "verdicts.parquet").to_pylist()

    assert sorted((f["polarity"], f["strength"]) for f in facts) == [
        ("human", "decisive"), ("synthetic", "decisive"), ("synthetic", "decisive"),
        ("synthetic", "moderate"),
    ]  # fmt: skip
    assert provenance.verify(judged).is_intact
    assert "human_review" in (judged / "report.json").read_text(encoding="utf-8")


def test_verdicts_of_several_folders_are_one_whatever_the_order(
    dataset: Path, judged: Path, tmp_path: Path
) -> None:
    half = [verdicts(dataset, tmp_path / "a", GIVEN[:4]),
            verdicts(dataset, tmp_path / "b", GIVEN[4:])]  # fmt: skip
    mixed(dataset, tmp_path / "ab", half)
    mixed(dataset, tmp_path / "ba", half[::-1])

    # The manifest names the store by the way to it, which differs.
    assert contents(tmp_path / "ab") == contents(tmp_path / "ba")
    assert rows_of(tmp_path / "ab") == rows_of(judged)


def test_a_verdict_holds_for_the_text_it_was_given_on(dataset: Path, tmp_path: Path) -> None:
    folder = verdicts(dataset, tmp_path / "verdicts", [("new.example/5", "machine", "ann")])
    table = pq.read_table(folder / "verdicts.parquet")
    field = table.schema.field("content_hash")
    other = table.set_column(1, field, pa.array([b"\0" * 16], field.type))
    pq.write_table(other, folder / "verdicts.parquet")

    after = mixed(dataset, tmp_path / "other", [folder])

    assert after == rows_of(dataset)


def test_a_folder_without_verdicts_is_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(provenance.InputError, match="holds no verdicts"):
        mixed(dataset, tmp_path / "out", [tmp_path])
