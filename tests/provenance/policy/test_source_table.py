"""Tables of sources in every format, and every fault at once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance.errors import PolicyError
from provenance.policy.load import load
from provenance.policy.source_table import load_sources

SITES = {"press.example": "partner", "example.org/journal": "peer_reviewed"}


def problems(path: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_sources(path)
    return str(caught.value).splitlines()


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    csv, parquet, yaml = (tmp_path / f"s.{kind}" for kind in ("csv", "parquet", "yaml"))
    csv.write_text(
        "site,class\npress.example,partner\nhttps://Example.org/journal/,peer_reviewed\n"
    )
    pq.write_table(pa.table({"site": list(SITES), "class": list(SITES.values())}), parquet)
    yaml.write_text("partner: [press.example]\npeer_reviewed:\n  - example.org/journal\n")

    assert [dict(load_sources(path).sites) for path in (csv, parquet, yaml)] == [SITES] * 3


def test_every_faulty_line_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text("site,class\na.org,partnr\nb.org,\na.org,web\na.org,web\nco.uk,web\n")

    assert problems(path) == [
        f"{path}:2: unknown class 'partnr'; did you mean 'partner'?"
        " (accepted: verified_book, peer_reviewed, archive, partner, publisher, social, web)",
        f"{path}:3: a row needs a site and a class (accepted: columns site,class)",
        f"{path}:5: 'a.org' is listed twice",
        f"{path}:6: 'co.uk' is no site, or a suffix below which everybody registers"
        " (accepted: a host, with or without a path)",
    ]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "s.txt",
            "",
            "unknown format of a source table '.txt' (accepted: .csv, .parquet, .yaml, .yml)",
        ),
        ("s.parquet", "no parquet", "cannot read the source table: "),
        ("s.yaml", "- a", ":1: a source table maps classes to sites"),
        ("s.yaml", "partner: a.example", ":1: 'partner' needs a list of sites"),
        ("s.yaml", "partner: [7]", ":1: a row needs a site and a class"),
        ("s.yaml", "web: [a.org]\npartnr: [b.org]", ":2: unknown class 'partnr'"),
        ("s.yaml", "trust_txt: {folder: x}", "'trust_txt' needs a folder and associations"),
        ("s.yaml", "trust_txt: {folder: x, associations: [a.org]}", "is no folder"),
    ],
)
def test_a_file_that_is_no_table_says_why(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    path = tmp_path / name
    path.write_text(text)

    (found,) = problems(path)

    assert problem in found


def test_publishers_whom_an_association_vouches_for_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "association.example.txt").write_text("member=https://press.example/\n")
    (folder / "press.example.txt").write_text("belongto=https://association.example/\n")
    (folder / "other.example.txt").write_text("belongto=https://association.example/\n")
    path = tmp_path / "s.yaml"
    path.write_text(
        "web: [x.example]\ntrust_txt: {folder: trust, associations: [association.example]}\n"
    )

    assert load_sources(path).sites == {"x.example": "web", "press.example": "publisher"}


def test_the_path_of_a_policy_begins_at_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "s.csv").write_text("site,class\npress.example,partner\n")
    (folder / "p.yaml").write_text("version: 1\nsources: s.csv\n")
    monkeypatch.chdir(tmp_path)

    policy = load("policies/p.yaml")

    assert load_sources(Path(policy.sources or "")).sites == {"press.example": "partner"}
    assert load(folder / "p.yaml").sources == str(folder / "s.csv")
