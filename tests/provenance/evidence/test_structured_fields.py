"""Structured fields against an independent parser, and as servers really send them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.structured_fields import MAX_PAIRS, pairs

KEYS = st.text(string.ascii_lowercase + "*", min_size=1, max_size=1).flatmap(
    lambda first: st.text(string.ascii_lowercase + string.digits + "_-.*", max_size=8).map(
        lambda rest: first + rest
    )
)
TOKENS = st.text(string.ascii_letters, min_size=1, max_size=8)
STRINGS = st.text(string.printable[:95], max_size=12)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


#: (as written, as read)
VALUES = TOKENS.map(lambda t: (t, t)) | STRINGS.map(lambda s: (quoted(s), s))


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_a_valid_dictionary_reads_as_the_standard_says(
    members: dict[str, tuple[str, str]],
) -> None:
    http_sf = pytest.importorskip("http_sf")
    field = ", ".join(f"{key}={written}" for key, (written, _) in members.items())

    expected = http_sf.parse(field.encode(), tltype="dictionary") if members else {}

    assert dict(pairs(field)) == {key: str(value) for key, (value, _) in expected.items()}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("mode=none", [("mode", "none")]),
        ('mode=a; model="g;,4"; date=@17', [("mode", "a"), ("model", "g;,4"), ("date", "@17")]),
        ('mode=a, model="b"', [("mode", "a"), ("model", "b")]),
        ("Train-AI = n ,search=y", [("train-ai", "n"), ("search", "y")]),
        ("train-ai=n;exceptions=cc-cr", [("train-ai", "n"), ("exceptions", "cc-cr")]),
        ("ai-generated", [("ai-generated", "")]),
        ("=x, a b c, train-ai=n", [("train-ai", "n")]),
        ('model="open, train-ai=n', [("train-ai", "n")]),
        ("", []),
    ],
)
def test_a_fault_costs_its_own_member_only(field: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(field) == expected


@given(st.text(max_size=400))
def test_any_field_gives_pairs_and_never_an_exception(field: str) -> None:
    assert len(pairs(field)) <= MAX_PAIRS
