"""Whatever is done to a signed document, reading its credentials ends, in time and in a verdict."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.c2pa_carriers import MAX_CARRIERS, page_carriers, text_carriers
from provenance.evidence.credentials import Capture, CredentialReader

pytest.importorskip("c2pa")
pytest.importorskip("cryptography")

from signing import new_signer, sign_html, sign_structured, sign_text

TEXT = "Une phrase — naïve — of the text that its publisher signed. " * 8
PRESS = new_signer("Test Press")
TRUSTING = CredentialReader(PRESS.anchor)
SIGNED_TEXT = sign_text(TEXT, PRESS)
SIGNED_PAGE = sign_html(f"<html><head><title>Ün</title></head><body><p>{TEXT}</p>", PRESS)
SIGNED_YAML = sign_structured("title: a list\nitems: [1, 2, 3]\n", PRESS)
#: What the manifest itself leaves out of its hash.
_LEFT_OUT = re.compile(
    "<script.*?</script>|# -----BEGIN.*?-----END[^\n]*\n|\ufeff.{99,}", re.DOTALL
)


def test_a_page_full_of_manifests_costs_a_few() -> None:
    page = b'<script type="application/c2pa">AAAA</script>' * 50_000

    assert len(page_carriers(page)) == MAX_CARRIERS
    assert len(text_carriers(SIGNED_TEXT.encode() * 9)) == MAX_CARRIERS


_SOURCES = [signed.encode() for signed in (SIGNED_TEXT, SIGNED_PAGE, SIGNED_YAML)]


def test_selectors_after_a_manifest_are_not_part_of_it() -> None:
    alone, followed = (
        text_carriers(f"{SIGNED_TEXT}{after}".encode()) for after in ("", "\ufe0f\U000e0100")
    )

    assert followed == alone


@st.composite
def _broken(draw: st.DrawFn) -> bytes:
    """A signed document with some of its bytes changed, cut out or repeated."""
    data = bytearray(draw(st.sampled_from(_SOURCES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        size = draw(st.integers(1, 40))
        data[at : at + size] = draw(st.sampled_from([b"", bytes([draw(st.integers(0, 255))]),
                                                     bytes(data[at : at + size]) * 2]))  # fmt: skip
    return bytes(data)


@settings(deadline=None, max_examples=150)
@given(_broken(), st.booleans())
def test_no_damage_raises(data: bytes, is_page: bool) -> None:
    for found in TRUSTING.credentials(Capture(data, text=TEXT if is_page else None)):
        assert found.fact().detail


@settings(deadline=None, max_examples=100)
@given(st.sampled_from([SIGNED_TEXT, SIGNED_PAGE, SIGNED_YAML]), st.data())
def test_no_change_outside_the_manifest_stays_valid(signed: str, data: st.DataObject) -> None:
    left_out = _LEFT_OUT.search(signed)
    assert left_out
    outside = [*range(left_out.start()), *range(left_out.end(), len(signed))]
    at = data.draw(st.sampled_from(outside))
    put = data.draw(st.sampled_from(["", "x", "e\u0301", f"{signed[at]}{signed[at]}", "\n"]))
    changed = f"{signed[:at]}{put}{signed[at + 1 :]}"

    capture = Capture(changed.encode(), text=TEXT if signed is SIGNED_PAGE else None)
    found = TRUSTING.credentials(capture)

    assert changed == signed or all(one.state != "valid" for one in found)


@settings(deadline=None)
@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=100)), st.text(max_size=60))
def test_no_bytes_raise(data: bytes, text: str | None, link: str) -> None:
    for body in (data, b'<script type="application/c2pa">' + base64.b64encode(data) + b"</script>"):
        TRUSTING.credentials(Capture(body, text=text, link=link))


@pytest.mark.parametrize(
    "unit",
    [b"<script ", b'<script type="application/c2pa">', b"<link rel=c2pa-manifest ", b"a='",
     b"-----BEGIN C2PA MANIFEST-----", SIGNED_TEXT[len(TEXT) :][:14].encode(), b"<", b"a = "],
)  # fmt: skip
def test_half_a_megabyte_of_openings_is_read_to_its_end(unit: bytes) -> None:
    # Linear work takes part of a second; quadratic work would not end.
    data = unit * (500_000 // len(unit))

    for read in (page_carriers, text_carriers):
        assert len(list(read(data))) <= len(data) // len(unit)
