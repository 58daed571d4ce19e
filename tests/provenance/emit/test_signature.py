"""Signatures that other tools read, and envelopes that nobody signed."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from provenance.emit.signature import (
    PAYLOAD_TYPE,
    envelope,
    key_id,
    load_private_key,
    load_public_key,
    open_envelope,
    pre_authentication,
    statement,
)
from provenance.errors import InputError

pytest.importorskip("cryptography")

#: RFC 8032, 7.1, test 1: the secret key.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def private_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(SECRET)


def pem(key: Any, **protection: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization as s

    how = protection.get("encryption", s.NoEncryption())
    data: bytes = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, how)
    return data


def public_pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization as s

    data: bytes = key.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    return data


def test_the_statement_is_an_in_toto_statement() -> None:
    assert json.loads(statement("a" * 64, "b" * 64)) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "manifest.json", "digest": {"sha256": "a" * 64}}],
        "predicateType": "urn:provenance-filter:dataset:v1",
        "predicate": {"merkleRoot": {"sha256": "b" * 64}},
    }


def test_what_is_signed_is_the_pre_authentication_encoding_of_dsse() -> None:
    assert pre_authentication(b"hello world") == (
        b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    )


def test_an_independent_implementation_accepts_the_envelope() -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    from securesystemslib.signer import SSlibKey

    key = private_key()
    made = envelope(statement("a" * 64, "b" * 64), key)
    theirs = SSlibKey.from_crypto(key.public_key(), keyid=key_id(key.public_key()))

    accepted = dsse.Envelope.from_dict(json.loads(json.dumps(made))).verify([theirs], 1)

    assert list(accepted) == [key_id(key.public_key())]


def test_we_accept_the_envelope_of_an_independent_implementation() -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    from securesystemslib.signer import CryptoSigner

    payload = statement("a" * 64, "b" * 64)
    theirs = dsse.Envelope(payload, PAYLOAD_TYPE, {})
    theirs.sign(CryptoSigner(private_key()))

    signed = open_envelope(json.dumps(theirs.to_dict()).encode())

    assert signed.is_signed_by(private_key().public_key())
    assert signed.covers("a" * 64, "b" * 64)


def test_the_key_id_is_what_openssl_and_sha256sum_print() -> None:
    lines = public_pem(private_key().public_key()).decode().splitlines()
    der = base64.b64decode("".join(lines[1:-1]))

    assert key_id(private_key().public_key()) == hashlib.sha256(der).hexdigest()


def test_the_same_key_signs_to_the_same_bytes() -> None:
    payload = statement("a" * 64, "b" * 64)

    assert envelope(payload, private_key()) == envelope(payload, private_key())


@pytest.mark.parametrize(("manifest", "root"), [("c", "b"), ("a", "c")])
def test_a_signature_covers_its_own_manifest_and_root_alone(manifest: str, root: str) -> None:
    made = envelope(statement("a" * 64, "b" * 64), private_key())

    signed = open_envelope(json.dumps(made).encode())

    assert not signed.covers(manifest * 64, root * 64)


def test_a_payload_that_changed_after_signing_is_not_signed() -> None:
    made = envelope(statement("a" * 64, "b" * 64), private_key())
    made["payload"] = base64.b64encode(statement("c" * 64, "b" * 64)).decode()

    signed = open_envelope(json.dumps(made).encode())

    assert signed.covers("c" * 64, "b" * 64)
    assert not signed.is_signed_by(private_key().public_key())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"\xff", b"[" * 10**5,
        b'{"payload": "!", "payloadType": "application/vnd.in-toto+json", "signatures": []}',
        b'{"payload": "", "payloadType": "text/plain", "signatures": []}',
        b'{"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": [1]}',
        b'{"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": [{}]}',
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is no DSSE envelope|its payload is no"):
        open_envelope(data)


def test_keys_are_read_from_pem(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem(private_key()))
    (tmp_path / "key.pub.pem").write_bytes(public_pem(private_key().public_key()))

    read = load_private_key(tmp_path / "key.pem").public_key()

    assert key_id(read) == key_id(load_public_key(tmp_path / "key.pub.pem"))


def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key.pem"
    for data in (
        b"junk",
        pem(curve),
        pem(private_key(), encryption=s.BestAvailableEncryption(b"x")),
    ):
        path.write_bytes(data)
        with pytest.raises(InputError, match="holds no Ed25519 private key"):
            load_private_key(path)
    for data in (b"junk", public_pem(curve.public_key()), pem(private_key())):
        path.write_bytes(data)
        with pytest.raises(InputError, match="holds no Ed25519 public key"):
            load_public_key(path)


def test_a_key_that_is_not_there_is_asked_wrongly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        load_public_key(tmp_path / "none.pem")
