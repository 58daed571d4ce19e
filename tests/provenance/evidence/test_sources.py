"""The user's table of sources: longest match, and every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.errors import PolicyError
from provenance.evidence.sources import SourceTable, load_sources

TABLE = SourceTable(
    {"example.org": "web", "press.example.org": "partner", "example.org/journal": "peer_reviewed"}
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/", "web"),
        ("https://www.EXAMPLE.org/a/b", "web"),
        ("https://press.example.org/x", "partner"),
        ("https://example.org/journal/7", "peer_reviewed"),
        ("https://example.org/journalists", "web"),
        ("https://notexample.org/", None),
        ("http://[broken", None),
        (None, None),
    ],
)
def test_the_longest_listed_site_wins(url: str | None, expected: str | None) -> None:
    assert TABLE.lookup(url) == expected


def test_a_table_is_read_whatever_the_spelling_of_its_sites(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text("site,class\nhttps://Example.org/journal/,peer_reviewed\n", encoding="utf-8")

    table = load_sources(path)

    assert table.lookup("http://example.org/journal/1") == "peer_reviewed"


def test_every_faulty_line_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text("site,class\na.org,partnr\nb.org,\na.org,web\na.org,web\n", encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        load_sources(path)

    assert str(caught.value) == (
        f"{path}:2: unknown class 'partnr'; did you mean 'partner'?"
        " (accepted: verified_book, peer_reviewed, partner, social, web)\n"
        f"{path}:3: a row needs a site and a class (accepted: columns site,class)\n"
        f"{path}:5: 'a.org' is listed twice"
    )
