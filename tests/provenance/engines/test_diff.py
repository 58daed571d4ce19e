"""What changed between two datasets, against the same counts made row by row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from crawls import Page, prose, write_warc

import provenance
from provenance.cli.main import cli

LOOSE = "version: 1\ndrop:\n  - {when: 'not is_keeper', reason: duplicate}\n"
STRICT = """
version: 1
drop:
  - {when: "host = 'old.example'", reason: kept}
mix:
  budget: max
  strata:
    - {name: late, where: "host = 'new.example'", share: 1, max_epochs: 3}
"""


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One store under two policies, the second of which has a rule of the name `kept`."""
    root = tmp_path_factory.mktemp("diff")
    pages = [Page(f"https://old.example/{i}", prose(i), "2019-01-01T00:00:00Z") for i in range(5)]
    pages += [Page(f"https://user@NEW.example:80/{i}", prose(50 + i)) for i in range(4)]
    pages += [Page("https://new.example/copy", prose(51), "2025-01-01T00:00:00Z")]
    write_warc(root / "crawl.warc.gz", pages)
    provenance.score(root / "crawl.warc.gz", out=root / "scored", workers=1)
    for name, policy in (("a", LOOSE), ("b", STRICT)):
        (root / f"{name}.yaml").write_text(policy, encoding="utf-8")
        provenance.mix(root / "scored", out=root / name, policy=root / f"{name}.yaml")
    return root / "a", root / "b"


def rows_of(out: Path) -> dict[bytes, dict[str, Any]]:
    return {row["doc_id"]: row for row in pq.read_table(out / "decisions.parquet").to_pylist()}


def state(row: dict[str, Any]) -> str:
    return "kept" if row["decision"] == "keep" else f"dropped: {row['reason']}"


def tokens(row: dict[str, Any]) -> int:
    return int((row["n_tokens"] or 0) * row["epochs"])


def test_moves_are_those_of_the_documents(datasets: tuple[Path, Path]) -> None:
    before, after = map(rows_of, datasets)
    pairs = [(before[doc_id], after[doc_id]) for doc_id in before]
    expected = Counter((state(a), state(b)) for a, b in pairs if state(a) != state(b))

    moves = provenance.diff(*datasets).facts["moves"]

    assert {(one["before"], one["after"]): one["documents"] for one in moves} == expected
    assert ("kept", "dropped: kept") in expected
    assert ("dropped: duplicate", "kept") in expected


def test_before_and_what_moved_make_after(datasets: tuple[Path, Path]) -> None:
    facts = provenance.diff(*datasets).facts
    before, after = map(rows_of, datasets)

    assert facts["tokens_before"] == sum(map(tokens, before.values()))
    assert facts["tokens_after"] == sum(map(tokens, after.values()))
    moved = facts["entered_tokens"] - facts["left_tokens"] + facts["recounted_tokens"]
    assert facts["tokens_before"] + moved == facts["tokens_after"]
    assert facts["recounted_tokens"] > 0
    documents = facts["entered_documents"] - facts["left_documents"]
    assert facts["kept_before"] + documents == facts["kept_after"]


@pytest.mark.parametrize("group", ["stratum", "lang", "host", "year"])
def test_groups_add_up_to_what_moved(datasets: tuple[Path, Path], group: str) -> None:
    facts = provenance.diff(*datasets).facts
    listed = facts["by"][group]["listed"]

    for what in ("entered_documents", "entered_tokens", "left_documents", "left_tokens"):
        assert sum(one[what] for one in listed) == facts[what]
    assert facts["by"][group]["groups"] == len(listed)


def test_hosts_and_years_are_those_of_the_capture(datasets: tuple[Path, Path]) -> None:
    by = provenance.diff(*datasets).facts["by"]

    assert {one["name"]: one["left_documents"] for one in by["host"]["listed"]} == {
        "old.example": 5, "new.example": 0,
    }  # fmt: skip
    assert {one["name"] for one in by["year"]["listed"]} == {"2019", "2025"}


def test_a_dataset_does_not_differ_from_itself(datasets: tuple[Path, Path]) -> None:
    facts = provenance.diff(datasets[0], datasets[0]).facts

    assert facts["moves"] == []
    assert facts["policy_keys"] == []
    assert facts["recounted_documents"] == 0


def test_the_way_back_is_the_way_there_turned_round(datasets: tuple[Path, Path]) -> None:
    there = provenance.diff(*datasets).facts
    back = provenance.diff(*reversed(datasets)).facts

    assert back["left_tokens"] == there["entered_tokens"]
    assert {(m["after"], m["before"], m["documents"], -m["tokens"]) for m in back["moves"]} == {
        (m["before"], m["after"], m["documents"], m["tokens"]) for m in there["moves"]
    }


def test_documents_of_one_run_alone_are_absent_in_the_other(
    datasets: tuple[Path, Path], tmp_path: Path
) -> None:
    write_warc(tmp_path / "other.warc.gz", [Page("https://third.example/", prose(7))])
    provenance.clean(tmp_path / "other.warc.gz", out=tmp_path / "other", workers=1)

    facts = provenance.diff(datasets[0], tmp_path / "other").facts

    assert (facts["only_before"], facts["only_after"]) == (10, 1)
    assert {one["before"] for one in facts["moves"] if one["after"] != "absent"} == {"absent"}


def test_the_command_prints_tables_or_json(datasets: tuple[Path, Path]) -> None:
    names = [str(path) for path in datasets]

    shown = CliRunner().invoke(cli, ["diff", *names])
    machine = CliRunner().invoke(cli, ["diff", *names, "--json"])

    assert shown.exit_code == machine.exit_code == 0
    assert "policy keys that differ: drop, mix" in shown.output
    assert "dropped: kept" in shown.output
    assert json.loads(machine.output) == provenance.diff(*datasets).facts


def test_every_folder_without_a_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(provenance.InputError) as caught:
        provenance.diff(tmp_path / "a", tmp_path / "b")

    assert [problem.where for problem in caught.value.problems] == [
        str(tmp_path / "a"), str(tmp_path / "b"),
    ]  # fmt: skip
