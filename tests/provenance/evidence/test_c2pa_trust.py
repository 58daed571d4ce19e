"""Who is trusted is asked of the chain that signed, on the day of capture."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.errors import PlanError
from provenance.evidence.c2pa_carriers import page_carriers
from provenance.evidence.c2pa_trust import TrustAnchors, certificate_chain
from provenance.evidence.credentials import Capture, CredentialReader

pytest.importorskip("c2pa")
pytest.importorskip("cryptography")

from signing import FROM, MANIFEST, as_pem, cbor, new_signer, sign_html

PRESS = new_signer("Test Press", until=FROM + timedelta(days=365), n_authorities=3)
DAY = FROM + timedelta(days=30)
PAGE = sign_html("<html><head></head><body>A text</body></html>", PRESS)
(CARRIER,) = page_carriers(PAGE.encode())
STORE = CARRIER.store or b""


def vouched(anchor: str, chain: tuple[bytes, ...] = PRESS.chain, at: datetime | None = DAY) -> bool:
    return TrustAnchors(anchor).vouch_for(chain, at)


def test_the_chain_is_the_one_that_signed() -> None:
    assert tuple(certificate_chain(STORE, MANIFEST)) == PRESS.chain
    assert certificate_chain(STORE, "urn:c2pa:another") == []


@pytest.mark.parametrize("place", range(4))
def test_any_certificate_of_the_chain_may_be_the_anchor(place: int) -> None:
    assert vouched(as_pem(PRESS.chain[place]))
    assert vouched(new_signer("Somebody").anchor + as_pem(PRESS.chain[place]))


def test_the_authority_itself_need_not_be_sent_and_order_is_free() -> None:
    signer, *above = PRESS.chain

    assert vouched(PRESS.anchor, PRESS.chain[:-1])
    assert vouched(PRESS.anchor, (signer, *reversed(above)))
    assert not vouched(PRESS.anchor, PRESS.chain[:1])


def test_the_same_names_with_other_keys_are_not_trusted() -> None:
    imitation = new_signer("Test Press", n_authorities=3, secret="another")

    assert not vouched(imitation.anchor)
    assert not vouched(PRESS.anchor, imitation.chain)
    assert not vouched(PRESS.anchor, (*imitation.chain, *PRESS.chain))


def test_a_signer_is_no_authority() -> None:
    forged = (new_signer("Forger").chain[0], *PRESS.chain)

    assert not vouched(PRESS.anchor, forged)
    assert not vouched(as_pem(PRESS.chain[0]), forged)


def test_an_authority_that_may_have_none_below_has_none() -> None:
    assert vouched(
        new_signer("Short", path_length=0).anchor, new_signer("Short", path_length=0).chain
    )
    limited = new_signer("Short", n_authorities=2, path_length=0)
    assert not vouched(limited.anchor, limited.chain)


def test_trust_is_judged_on_the_day_of_capture() -> None:
    assert vouched(PRESS.anchor, at=None)
    assert not vouched(PRESS.anchor, at=FROM - timedelta(days=1))
    assert not vouched(PRESS.anchor, at=FROM + timedelta(days=366))


def test_an_authority_that_had_run_out_by_then_vouches_for_nobody() -> None:
    short, long = new_signer("Press", until=FROM + timedelta(days=10)), new_signer("Press")

    assert vouched(short.anchor, long.chain[:1], at=FROM + timedelta(days=5))
    assert not vouched(short.anchor, long.chain[:1], at=DAY)


def test_a_signer_whose_certificate_has_run_out_since_is_still_trusted() -> None:
    (found,) = CredentialReader(PRESS.anchor).credentials(
        Capture(PAGE.encode(), text="A text", captured_at=DAY)
    )

    assert (found.state, found.is_trusted) == ("valid", True)


def test_broken_anchors_are_refused_before_work_starts() -> None:
    broken = base64.b64encode(b"\x30\x82\x00\x01\x00").decode()

    with pytest.raises(PlanError, match="broken certificate"):
        TrustAnchors(f"-----BEGIN CERTIFICATE-----\n{broken}\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize(
    "headers",
    [
        [cbor({1: -8, 33: PRESS.chain[0], "x5chain": PRESS.chain[1]}), {}],
        [cbor({33: PRESS.chain[0]}), {33: PRESS.chain[0]}],
        [b"\xa2" + (cbor(33) + cbor(PRESS.chain[0])) * 2, {}],
        [b"\xa2" + cbor(33) + cbor(b"") + b"\x19\x00\x21" + cbor(PRESS.chain[0]), {}],
        [cbor({1: -8}), {}],
        [b"\xbf\x18\x21\x40\xff", {}],
    ],
    ids=["two labels", "two buckets", "a key twice", "a key in two forms", "none", "indefinite"],
)
def test_a_chain_that_can_be_read_in_two_ways_is_none(headers: list[object]) -> None:
    assert certificate_chain(_store(cbor([*headers, None, b"signature"])), MANIFEST) == []


def test_a_second_manifest_of_the_same_name_makes_the_chain_ambiguous() -> None:
    inside = STORE[8:]
    described = int.from_bytes(inside[:4], "big")

    assert certificate_chain(STORE + inside[described:], MANIFEST) == []


def _store(signature: bytes) -> bytes:
    """The store with another COSE structure in its signature box."""
    content = _box(b"cbor", signature)
    box = _box(b"jumb", _described(b"c2cs", "c2pa.signature") + content)
    manifest = _box(b"jumb", _described(b"c2ma", MANIFEST) + box)
    return _box(b"jumb", _described(b"c2pa", "c2pa") + manifest)


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def _described(kind: bytes, label: str) -> bytes:
    return _box(b"jumd", kind + bytes(12) + b"\x03" + label.encode() + b"\0")


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.binary(max_size=80), max_size=3))
def test_no_bytes_raise(data: bytes, chain: list[bytes]) -> None:
    anchors = TrustAnchors(PRESS.anchor)

    assert not anchors.vouch_for(chain, DAY)
    certificate_chain(data, MANIFEST)
    certificate_chain(_store(data), MANIFEST)
    certificate_chain(_store(b"\x81" * 100_000), MANIFEST)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, len(STORE) - 1), st.integers(1, 255))
def test_a_flipped_byte_never_gives_another_chain_that_is_trusted(at: int, flip: int) -> None:
    changed = bytearray(STORE)
    changed[at] ^= flip

    chain = tuple(certificate_chain(bytes(changed), MANIFEST))
    if chain[:1] != PRESS.chain[:1]:
        assert not vouched(PRESS.anchor, chain)
