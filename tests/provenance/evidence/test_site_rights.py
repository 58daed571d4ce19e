"""Rights of a whole site: which hosts and paths they hold for, and what overrules what."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence import tdmrep
from provenance.evidence.rights import train_ai
from provenance.evidence.site_rights import SiteRights, detail

CLOSED = ("https://a.example/robots.txt", "robots_txt", "User-agent: gptbot\nDisallow: /")
OPEN = ("https://a.example/robots.txt", "robots_txt", "User-agent: *\nContent-Usage: / train-ai=y")
RESERVED = ("https://A.example/.well-known/tdmrep.json", "tdmrep_json",
            '[{"location": "/news/", "tdm-reservation": 1}]')  # fmt: skip


def stance(
    *rejects: tuple[str, str, str], url: str = "https://a.example/news/1", own: bool = False
) -> str:
    said = SiteRights.of(rejects).preferences(url, has_own_reservation=own)
    return train_ai(one.preference for one in said)


def test_rules_hold_for_their_own_host_and_path() -> None:
    assert stance(CLOSED) == "denied"
    assert stance(CLOSED, url="http://A.EXAMPLE:8080/x") == "denied"
    assert stance(CLOSED, url="https://www.a.example/news/1") == "unspecified"
    assert stance(RESERVED) == "denied"
    assert stance(RESERVED, url="https://a.example/about") == "unspecified"


def test_of_several_captures_the_most_restrictive_counts_in_any_order() -> None:
    assert stance(CLOSED, OPEN) == stance(OPEN, CLOSED) == "denied"
    assert stance(OPEN) == "allowed"


def test_a_reservation_of_the_page_overrules_that_of_the_site_alone() -> None:
    assert stance(RESERVED, own=True) == "unspecified"
    assert stance(RESERVED, CLOSED, own=True) == "denied"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/robots.txt", b"User-agent: CCBot\nDisallow: /\nSitemap: x",
         "User-agent: ccbot\nDisallow: /"),
        ("/robots.txt", b"User-agent: *\nDisallow: /admin", None),
        ("/sub/robots.txt", b"User-agent: CCBot\nDisallow: /", None),
        ("/.well-known/tdmrep.json", b"[]", None),
        ("/.well-known/tdmrep.json", b"\xff{", None),
    ],
)  # fmt: skip
def test_the_ledger_keeps_what_speaks_of_training(
    path: str, body: bytes, expected: str | None
) -> None:
    assert detail(path, body) == expected


@pytest.mark.parametrize(
    "value",
    [
        [{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/p.json"}],
        {"location": "/*", "tdm-reservation": "1"},
        [{"location": "/", "tdm-reservation": 0}, {"location": "/news", "tdm-reservation": 1}],
        [7, {"location": 3, "tdm-reservation": 1}, {"location": "/n", "tdm-reservation": 1}],
    ],
)
def test_tdmrep_files_in_the_forms_that_are_served(value: object) -> None:
    found = tdmrep.parse(json.dumps(value))

    assert train_ai(p.preference for p in tdmrep.preferences(found, "/news/1")) == "denied"
    assert tdmrep.parse(tdmrep.text(found)) == found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["location", "tdm-reservation", "tdm-policy"]), inner, max_size=3
        )
    ),
)


@given(json_values)
def test_no_value_makes_tdmrep_raise(value: object) -> None:
    tdmrep.preferences(tdmrep.parse(json.dumps(value)), "/")


@given(st.text(max_size=60), st.text(max_size=100))
def test_no_address_or_detail_makes_it_raise(url: str, said: str) -> None:
    rights = SiteRights.of([(url, "robots_txt", said), (url, "tdmrep_json", said)])

    rights.preferences(url, has_own_reservation=False)
