"""The papers of a finished dataset, read by the tools that they are for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml
from crawls import Page, prose, write_warc

import provenance
from provenance.session import Session

POLICY = """\
version: 1
drop:
  - {when: "n_chars < 200", reason: too_short}
  - {when: "not is_keeper", reason: duplicate}
mix:
  budget: max
  repeats: REPEATS
  strata:
    - {name: early, where: "tier = 1", share: 0.6, max_epochs: 3}
    - {name: rest, where: "tier != 1", share: 0.4}
views:
  pre_ai: "first_seen < DATE '2022-01-01'"
  late: {where: "first_seen >= DATE '2022-01-01'", copy_rows: true}
CURRICULUM
dataset:
  name: "Small: a \\"crawl\\""
  license: "https://creativecommons.org/licenses/by/4.0/"
  creator: "Example Foundation"
  url: "https://data.example/small"
  published: 2026-01-02
  cite_as: "Example 2026"
prices: {currency: EUR, per_million_tokens: {1: 2.5, 3: 0.5}}
"""
VIEWS = ("pre_ai", "late")


@pytest.fixture(
    scope="module",
    params=[("column", ""), ("rows", "curriculum: {window: 5 documents}")],
    ids=["column", "rows"],
)
def out(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    root = tmp_path_factory.mktemp("papers")
    repeats, curriculum = request.param
    policy = POLICY.replace("REPEATS", repeats).replace("CURRICULUM", curriculum)
    (root / "policy.yaml").write_text(policy)
    for shard, year in (("a", 2019), ("b", 2024)):
        date = f"{year}-05-01T00:00:00Z"
        pages = [
            Page(f"https://www.{shard}{i % 3}.example/{i}", prose(ord(shard) + 7 * i), date)
            for i in range(4 if year < 2022 else 9)
        ]
        write_warc(root / "crawl" / f"{shard}.warc.gz", [*pages, Page("https://x.example/", "No.")])
    provenance.clean([root / "crawl"], out=root / "out", policy=root / "policy.yaml", workers=1)
    return root / "out"


@pytest.fixture(scope="module")
def manifest(out: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return value


def numbers(card: str, heading: str) -> dict[str, list[int]]:
    """The rows of the card's table with this first heading."""
    block = re.search(rf"\| {heading} \|(?! meaning).*\n\|[-|]+\n((?:\|.*\n)+)", card)
    assert block is not None
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in block[1].splitlines()]
    return {name.strip("`"): [whole(c) for c in cells if is_whole(c)] for name, *cells in rows}


def is_whole(cell: str) -> bool:
    return re.fullmatch(r"[\d,]+", cell) is not None


def whole(cell: str) -> int:
    return int(cell.replace(",", ""))


def test_the_numbers_of_the_card_are_those_of_the_manifest(
    out: Path, manifest: dict[str, Any]
) -> None:
    card, summary = (out / "README.md").read_text(), manifest["summary"]
    kept = ("documents", "kept_documents", "kept_tokens")

    documents, tokens, read = re.search(
        r"([\d,]+) documents \(([\d,]+) tokens\) of ([\d,]+) read", card
    ).groups()  # type: ignore[union-attr]

    assert [whole(n) for n in (read, documents, tokens)] == [summary[name] for name in kept]
    assert numbers(card, "language") == {
        row["lang"]: [row[name] for name in kept]
        for row in summary["languages"]
        if row["kept_documents"]
    }
    assert numbers(card, "stratum") == {
        row["name"]: [row["supply_documents"], row["kept_documents"], row["kept_tokens"]]
        for row in manifest["mix"]["strata"]
    }
    assert numbers(card, "view") == {
        view["name"]: [view["documents"], view["tokens"]] for view in manifest["views"]
    }
    assert numbers(card, "tier") == {
        f"{row['tier']} ({row['tier_reason']})": [row[name] for name in kept]
        for row in summary["tiers"]
    }
    assert manifest["merkle"]["root"] in card
    assert yaml.safe_load(card.split("---\n")[1])["pretty_name"] == 'Small: a "crawl"'


def test_the_numbers_of_the_manifest_are_those_of_the_rows(
    out: Path, manifest: dict[str, Any]
) -> None:
    rows = ds.dataset(out / "data").to_table(columns=["doc_id", "n_tokens", "epochs"]).to_pylist()

    assert len({row["doc_id"] for row in rows}) == manifest["summary"]["kept_documents"]
    tokens = sum(row["n_tokens"] * row["epochs"] for row in rows)
    assert tokens == manifest["summary"]["kept_tokens"]


@pytest.mark.parametrize("name", ["default", *VIEWS])
def test_datasets_reads_every_view_by_name(
    out: Path, manifest: dict[str, Any], tmp_path: Path, name: str
) -> None:
    datasets = pytest.importorskip("datasets")
    rows = ds.dataset(out / "data").to_table()
    expected = rows if name == "default" else rows.filter(rows.column(f"view_{name}"))

    loaded = datasets.load_dataset(str(out), name, split="train", cache_dir=str(tmp_path / "cache"))

    assert loaded["doc_id"][:] == expected.column("doc_id").to_pylist()
    if name != "default":
        (view,) = [v for v in manifest["views"] if v["name"] == name]
        assert view["documents"] == len(set(loaded["doc_id"][:]))


def test_polars_and_duckdb_read_what_pyarrow_reads(out: Path) -> None:
    polars = pytest.importorskip("polars")
    place = ["source_uri", "source_pos"]
    expected = ds.dataset(out / "data").to_table().sort_by([(name, "ascending") for name in place])
    columns = ["doc_id", "url", "text", "tier", "epochs", "view_pre_ai"]

    frame = polars.read_parquet(str(out / "data" / "*.parquet")).sort(place)
    with Session() as session:
        table = session.table(
            "FROM read_parquet($files) ORDER BY source_uri, source_pos",
            files=[str(path) for path in sorted((out / "data").iterdir())],
        )

    for name in columns:
        assert frame[name].to_list() == expected.column(name).to_pylist()
        assert table.column(name).to_pylist() == expected.column(name).to_pylist()


def test_mlcroissant_finds_no_fault(out: Path) -> None:
    pytest.importorskip("mlcroissant")
    command = "from mlcroissant.scripts.cli import main; main()"

    result = subprocess.run(
        [sys.executable, "-c", command, "validate", "--jsonld", str(out / "croissant.json")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, "WARNING" in result.stderr) == (0, False), result.stderr
    assert "Done." in result.stderr


def test_mlcroissant_reads_every_record_set(out: Path, manifest: dict[str, Any]) -> None:
    pytest.importorskip("mlcroissant")
    command = """
import json, sys, mlcroissant
dataset = mlcroissant.Dataset(sys.argv[1])
names = [record_set.id for record_set in dataset.metadata.record_sets]
print(json.dumps({name: len(list(dataset.records(name))) for name in names}))
"""

    result = subprocess.run(
        [sys.executable, "-c", command, str(out / "croissant.json")],
        capture_output=True,
        text=True,
        check=True,
    )

    n_rows = ds.dataset(out / "data").count_rows()
    assert json.loads(result.stdout) == {
        "default": n_rows,
        "pre_ai": n_rows,  # a reader filters on view_pre_ai: Croissant has no filter
        "late": pq.read_metadata(out / "views" / "late.parquet").num_rows,
        "all-decisions": manifest["summary"]["documents"],
    }


def test_croissant_has_the_responsible_ai_fields_and_true_digests(
    out: Path, manifest: dict[str, Any]
) -> None:
    croissant = json.loads((out / "croissant.json").read_text())

    assert {key for key in croissant if key.startswith(("rai:", "prov:"))} == {
        "rai:dataLimitations", "rai:dataBiases", "rai:personalSensitiveInformation",
        "rai:dataUseCases", "rai:dataSocialImpact", "rai:hasSyntheticData",
        "prov:wasDerivedFrom", "prov:wasGeneratedBy",
    }  # fmt: skip
    assert croissant["rai:hasSyntheticData"] is True
    objects = {o["@id"]: o["sha256"] for o in croissant["distribution"] if "sha256" in o}
    assert objects == {
        name: described["sha256"]
        for name, described in manifest["files"].items()
        if name.endswith(".parquet")
    }


def test_attribution_adds_up_to_the_tokens_of_the_mix(out: Path, manifest: dict[str, Any]) -> None:
    account = json.loads((out / "attribution.json").read_text())
    table = pq.read_table(out / "attribution.parquet").to_pylist()

    assert (
        account["tokens"] == manifest["summary"]["kept_tokens"] == sum(r["tokens"] for r in table)
    )
    assert account["documents"] == manifest["summary"]["kept_documents"]
    assert Decimal(account["owed"]) == sum(r["owed"] for r in table) > 0
    prices = {1: Decimal("2.5"), 3: Decimal("0.5")}
    for row in table:
        exact = prices.get(row["tier"], Decimal(0)) * row["tokens"] / 1_000_000
        assert abs(row["owed"] - exact) <= Decimal("0.0000005")
        assert row["publisher"] == row["host"].removeprefix("www.")


def test_the_terms_that_pages_state_are_their_licences(tmp_path: Path, plain: Path) -> None:
    terms = "https://terms.example/train"
    heads = {
        "a": f'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="{terms}">',
        "b": '<meta name="robots" content="noai">',
        "c": "",
    }
    pages = [
        Page(f"https://{name}.example/", head + prose(ord(name))) for name, head in heads.items()
    ]
    write_warc(tmp_path / "a.warc.gz", pages)

    provenance.clean([tmp_path / "a.warc.gz"], out=tmp_path / "out", policy=plain, workers=1)

    table = pq.read_table(tmp_path / "out" / "attribution.parquet").to_pylist()
    assert {row["host"]: row["licence"] for row in table} == {
        "a.example": terms,
        "b.example": "training denied",
        "c.example": "unknown",
    }


def test_the_whole_verifies(out: Path) -> None:
    assert provenance.verify(out).text().endswith("\nnothing is wrong")
