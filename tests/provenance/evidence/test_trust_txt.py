"""trust.txt: only membership that both sides state counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.trust_txt import TrustFile, parse, vouched

ASSOCIATION = "member=https://www.press.example/\nmember=https://other.example/news/\n"
PRESS = "belongto=https://association.example/\n"


def test_the_lines_that_state_membership_are_read() -> None:
    text = (
        "\ufeff# trust.txt of an association\n\nMEMBER = https://WWW.Press.example/ # one\n"
        "member=press.example/desk\r\nbelongto=https://umbrella.example\n"
        "contact=mailto:a@b.example\nsocial=https://s.example/x\ndatatrainingallowed=no\nmember=\n"
    )

    assert parse(text) == TrustFile(
        ("www.press.example", "press.example/desk"), ("umbrella.example",)
    )


def test_a_member_counts_when_both_sides_say_so() -> None:
    files = {"association.example": ASSOCIATION, "press.example": PRESS}

    assert vouched(files, ["https://association.example/"]) == ("www.press.example",)


@pytest.mark.parametrize(
    "files",
    [
        {"association.example": ASSOCIATION},
        {"press.example": PRESS},
        {"association.example": "", "press.example": PRESS},
        {"association.example": ASSOCIATION, "press.example": "belongto=https://x.example"},
        {"unasked.example": ASSOCIATION, "press.example": "belongto=https://unasked.example"},
    ],
)
def test_one_word_alone_vouches_for_nobody(files: dict[str, str]) -> None:
    assert vouched(files, ["association.example"]) == ()


def test_hosts_of_one_registrable_domain_speak_for_each_other() -> None:
    files = {"www.union.co.uk": "member=https://news.paper.co.uk/", "paper.co.uk":
             "belongto=https://union.co.uk/"}  # fmt: skip

    assert vouched(files, ["union.co.uk"]) == ("news.paper.co.uk",)
    assert vouched({**files, "co.uk": "member=https://paper.co.uk"}, ["co.uk"]) == ()


@given(
    st.dictionaries(st.text(max_size=12), st.text(max_size=80), max_size=3), st.text(max_size=12)
)
def test_no_file_makes_it_raise(files: dict[str, str], association: str) -> None:
    parse("".join(files.values()))
    vouched(files, [association, *files])
