"""A crawl goes in; a dataset comes out in which every absence has a reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from crawls import Page, contents, prose, write_warc

import provenance
from provenance import batch
from provenance.errors import InputError, OutputError, PolicyError

MIX = """\
version: 1
drop:
  - {when: "n_chars < 200", reason: too_short}
  - {when: "not is_keeper", reason: duplicate}
mix:
  budget: max
  strata:
    - {name: early, where: "tier = 1", share: 0.5}
    - {name: rest, where: "tier != 1", share: 0.5}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(MIX, encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, object]]:
    table: list[dict[str, object]] = pq.read_table(path).to_pylist()
    return table


def test_every_record_is_kept_dropped_or_rejected(crawl: Path, tmp_path: Path, plain: Path) -> None:
    out = tmp_path / "out"

    summary = provenance.clean([str(crawl)], out=out, policy=plain, workers=1).manifest["summary"]

    decisions, rejects = rows(out / "decisions.parquet"), rows(out / "rejects.parquet")
    assert summary["records"] == 28 == len(decisions) + len(rejects)
    assert [r["reason"] for r in rejects] == ["http_status"]
    assert {d["url"]: d["reason"] for d in decisions if d["decision"] == "drop"} == {
        "https://mirror.example/3": "duplicate",
        "https://new.example/0?utm_source=x": "duplicate",
        "https://new.example/short": "too_short",
    }
    assert pq.read_metadata(out / "data" / "part-00000.parquet").num_rows == 18


def test_a_late_mirror_carries_the_early_date_and_names_its_lender(
    crawl: Path, tmp_path: Path, plain: Path
) -> None:
    provenance.clean([str(crawl)], out=tmp_path / "out", policy=plain, workers=1)

    by_url = {d["url"]: d for d in rows(tmp_path / "out" / "decisions.parquet")}
    mirror, original = by_url["https://mirror.example/3"], by_url["https://old.example/3"]
    assert mirror["first_seen"] == original["captured_at"]
    assert mirror["anchor_doc"] == original["doc_id"].hex()  # type: ignore[attr-defined]
    assert (mirror["tier"], mirror["tier_reason"]) == (1, "earlier_copy_before_cutoff")
    assert (mirror["cluster_size"], by_url["https://old.example/4"]["cluster_size"]) == (2, 1)


@pytest.mark.parametrize(("workers", "batch_size"), [(2, 1024), (1, 7), (2, 1)])
def test_workers_and_batches_leave_no_trace_in_the_bytes(
    crawl: Path, tmp_path: Path, policy: Path, workers: int, batch_size: int
) -> None:
    provenance.clean([str(crawl)], out=tmp_path / "a", policy=policy, workers=1, slice_bytes=2000)

    provenance.clean(
        [str(crawl)],
        out=tmp_path / "b",
        policy=policy,
        workers=workers,
        batch_size=batch_size,
        slice_bytes=2000,
    )

    assert contents(tmp_path / "b") == contents(tmp_path / "a")


def test_slices_change_the_parts_but_no_row(crawl: Path, tmp_path: Path, policy: Path) -> None:
    provenance.clean([str(crawl)], out=tmp_path / "a", policy=policy, workers=1)

    provenance.clean([str(crawl)], out=tmp_path / "b", policy=policy, workers=1, slice_bytes=1500)

    whole = [ds.dataset(tmp_path / name / "data").to_table() for name in "ab"]
    assert len(list((tmp_path / "b" / "data").iterdir())) > 2
    assert whole[0].equals(whole[1])


def test_shares_hold_to_one_documents_tokens(crawl: Path, tmp_path: Path, policy: Path) -> None:
    provenance.clean([str(crawl)], out=tmp_path / "out", policy=policy, workers=1)

    data = ds.dataset(tmp_path / "out" / "data").to_table(columns=["stratum", "n_tokens", "epochs"])
    tokens = {"early": 0, "rest": 0}
    for row in data.to_pylist():
        tokens[row["stratum"]] += row["n_tokens"] * row["epochs"]
    largest = max(data.column("n_tokens").to_pylist())
    assert abs(tokens["early"] - tokens["rest"]) <= 2 * largest


def test_mixing_a_scored_store_gives_what_cleaning_gives(
    crawl: Path, tmp_path: Path, policy: Path
) -> None:
    provenance.score([str(crawl)], out=tmp_path / "scored", workers=1)
    provenance.clean([str(crawl)], out=tmp_path / "clean", policy=policy, workers=1)

    provenance.mix(tmp_path / "scored", out=tmp_path / "mixed", policy=policy)

    for name in ("decisions.parquet", "rejects.parquet", "data/part-00000.parquet", "README.md"):
        assert (tmp_path / "mixed" / name).read_bytes() == (tmp_path / "clean" / name).read_bytes()


def test_the_same_request_again_changes_nothing(crawl: Path, tmp_path: Path, plain: Path) -> None:
    first = provenance.clean([str(crawl)], out=tmp_path / "out", policy=plain, workers=1)
    before = contents(tmp_path / "out")

    again = provenance.clean([str(crawl)], out=tmp_path / "out", policy=plain, workers=1)

    assert (again.manifest, contents(tmp_path / "out")) == (first.manifest, before)


def test_a_folder_of_another_request_is_refused(
    crawl: Path, tmp_path: Path, policy: Path, plain: Path
) -> None:
    provenance.clean([str(crawl)], out=tmp_path / "out", policy=plain, workers=1)
    before = contents(tmp_path / "out")

    with pytest.raises(OutputError, match="holds the result of another request"):
        provenance.clean([str(crawl)], out=tmp_path / "out", policy=policy, workers=1)

    assert contents(tmp_path / "out") == before


def test_a_folder_with_foreign_files_is_left_alone(
    crawl: Path, tmp_path: Path, plain: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")

    with pytest.raises(OutputError):
        provenance.clean([str(crawl)], out=out, policy=plain, workers=1)

    assert contents(out) == {"thesis.txt": b"mine"}


def test_an_out_that_cannot_be_written_is_asked_wrongly(
    crawl: Path, tmp_path: Path, plain: Path
) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        provenance.clean([str(crawl)], out=tmp_path / "file" / "out", policy=plain, workers=1)


def test_a_record_given_twice_is_a_reject_that_names_the_first(tmp_path: Path, plain: Path) -> None:
    pages = [Page(f"https://old.example/{i}", prose(i)) for i in range(3)]
    write_warc(tmp_path / "crawl" / "a.warc.gz", pages)
    shutil.copy(tmp_path / "crawl" / "a.warc.gz", tmp_path / "crawl" / "b.warc.gz")

    provenance.clean([str(tmp_path / "crawl")], out=tmp_path / "out", policy=plain, workers=1)

    rejects = rows(tmp_path / "out" / "rejects.parquet")
    assert [r["reason"] for r in rejects] == ["duplicate_record"] * 3
    assert rejects[0]["detail"] == f"first at {tmp_path}/crawl/a.warc.gz position 0"
    assert len(rows(tmp_path / "out" / "decisions.parquet")) == 3


def test_a_wrong_policy_is_refused_before_the_input_is_looked_at(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\ncutof: 2022-01-01\n")

    with pytest.raises(PolicyError, match="did you mean 'cutoff'"):
        provenance.clean([str(tmp_path / "nowhere")], out=tmp_path / "out", policy=policy)

    assert not (tmp_path / "out").exists()


def test_an_infeasible_mix_says_what_is_missing(crawl: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(MIX.replace("budget: max", "budget: 1_000_000 tokens"))

    with pytest.raises(PolicyError, match=r"stratum 'early': needs 500,000 tokens, has .* missing"):
        provenance.clean([str(crawl)], out=tmp_path / "out", policy=policy, workers=1)


def test_a_policy_that_keeps_nothing_still_gives_a_dataset_that_loads(
    crawl: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text('version: 1\ndrop:\n  - {when: "true", reason: everything}\n')

    provenance.clean([str(crawl)], out=tmp_path / "out", policy=policy, workers=1)

    assert ds.dataset(tmp_path / "out" / "data").count_rows() == 0


def test_the_card_makes_the_dataset_load(crawl: Path, tmp_path: Path, plain: Path) -> None:
    datasets = pytest.importorskip("datasets")
    provenance.clean([str(crawl)], out=tmp_path / "out", policy=plain, workers=1)

    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))

    assert loaded["train"].num_rows == 24
    assert loaded["train"][0]["evidence"][0]["kind"] == "capture_date"


def test_batches_are_scored_row_for_row(tmp_path: Path) -> None:
    table = pa.record_batch({"text": [prose(1), None, "", prose(2)], "url": ["a", "b", "c", "d"]})

    scored = list(provenance.score([table.slice(0, 1), table.slice(1, 3)]))

    assert [part.num_rows for part in scored] == [1, 3]
    assert scored[1].column("text").to_pylist() == [None, None, prose(2)]
    assert scored[1].column("no_text_reason").null_count == 1
    assert all(part.schema.metadata == batch.METADATA for part in scored)


def test_batches_without_text_are_refused() -> None:
    with pytest.raises(InputError, match="text"):
        list(provenance.score(pa.record_batch({"body": ["x"]})))


def test_batches_can_be_cleaned(tmp_path: Path, plain: Path) -> None:
    given = pa.record_batch({"text": [prose(i) for i in range(5)] + [prose(0)]})

    result = provenance.clean([given], out=tmp_path / "out", policy=plain, workers=1)

    assert result.manifest["summary"]["kept_documents"] == 5
