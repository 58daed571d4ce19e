"""The user's table of sources: the longest match, whatever the spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.sources import SourceTable, registrable, site_of

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


@pytest.mark.parametrize(
    ("written", "site"),
    [
        ("example.org", "example.org"),
        ("https://Example.org/journal/", "example.org/journal"),
        ("example.org:8080//a//b", "example.org/a/b"),
        (" //example.org. ", "example.org"),
        ("https://münchen.example/", "xn--mnchen-3ya.example"),
    ],
)
def test_a_site_is_one_however_it_is_written(written: str, site: str) -> None:
    assert site_of(written) == site


def test_a_host_of_other_scripts_is_found_in_both_spellings() -> None:
    table = SourceTable({site_of("münchen.example"): "partner"})

    assert table.lookup("https://www.münchen.example/1") == "partner"
    assert table.lookup("https://xn--mnchen-3ya.example/1") == "partner"


@pytest.mark.parametrize(
    ("site", "domain"),
    [
        ("www.bbc.co.uk/news", "bbc.co.uk"),
        ("a.b.github.io", "b.github.io"),
        ("co.uk", None),
        ("github.io", None),
        ("com", None),
        ("", None),
    ],
)
def test_the_registrable_domain_stands_below_a_public_suffix(site: str, domain: str | None) -> None:
    assert registrable(site) == domain


@given(st.text(max_size=60))
def test_no_address_makes_the_lookup_raise(url: str) -> None:
    TABLE.lookup("https://" + url)
    TABLE.lookup(url)
