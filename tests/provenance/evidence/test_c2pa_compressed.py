"""Compressed manifests are read like others, and no bomb is unpacked."""

from __future__ import annotations

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("c2pa")
pytest.importorskip("cryptography")

from signing import boxed, compressed, manifest_store, new_signer

from provenance.evidence.c2pa_compressed import MAX_BYTES, unpacked
from provenance.evidence.c2pa_store import StoreReader
from provenance.evidence.c2pa_trust import TrustAnchors

SIGNER = new_signer("One Press")
STORE = manifest_store(SIGNER)


def test_a_compressed_manifest_is_the_same_manifest() -> None:
    packed = compressed(STORE)
    reader = StoreReader(TrustAnchors(SIGNER.anchor))

    assert len(packed) < len(STORE)
    assert unpacked(packed) == STORE
    assert reader.read(packed) == reader.read(STORE)
    assert reader.read(packed).is_trusted


def test_a_store_without_compression_is_the_same_bytes() -> None:
    assert unpacked(STORE) is STORE


def test_a_tampered_compressed_manifest_is_invalid() -> None:
    changed = compressed(STORE.replace(b"trainedAlgorithmicMedia", b"trainedAlgorithmicMedib"))

    assert StoreReader().read(changed).fault is not None


@pytest.mark.parametrize(
    "content",
    [
        boxed(b"brob", brotli.compress(bytes(MAX_BYTES + 1))),
        boxed(b"brob", brotli.compress(bytes(50 * MAX_BYTES), quality=1)),
        boxed(b"brob", brotli.compress(b"cut short" * 99)[:-3]),
        boxed(b"brob", b"no Brotli at all"),
        boxed(b"brob", brotli.compress(compressed(STORE))),
        boxed(b"cbor", brotli.compress(STORE)),
        boxed(b"brob", b"") * 2,
        b"",
        b"\x00",
    ],
    ids=[
        "bomb",
        "large bomb",
        "cut",
        "no Brotli",
        "twice",
        "other box",
        "two",
        "none",
        "half a box",
    ],
)
def test_bombs_and_damage_are_unreadable(content: bytes) -> None:
    described = boxed(b"jumd", b"c2cm" + bytes(12) + b"\x03urn\0")
    store = boxed(b"jumb", boxed(b"jumd", b"c2pa") + boxed(b"jumb", described + content))

    assert unpacked(store) is None
    assert StoreReader().read(store).fault == "unreadable"


def test_many_small_bombs_share_one_bound() -> None:
    described = boxed(b"jumd", b"c2cm" + bytes(12) + b"\x03urn\0")
    half = boxed(b"jumb", described + boxed(b"brob", brotli.compress(bytes(MAX_BYTES // 2))))
    head = boxed(b"jumd", b"c2pa")

    assert unpacked(boxed(b"jumb", head + half)) is not None
    assert unpacked(boxed(b"jumb", head + half * 2000)) is None


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 1200))
def test_no_bytes_make_it_raise(noise: bytes, at: int) -> None:
    packed = compressed(STORE)

    unpacked(packed[:at] + noise + packed[at + len(noise) :])
    unpacked(noise + b"c2cm")
