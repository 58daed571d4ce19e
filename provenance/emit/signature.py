"""An Ed25519 signature over a manifest and its Merkle root: `manifest.dsse.json`.

The signed payload is an in-toto Statement v1 whose subject is manifest.json by its SHA-256, in a
DSSE envelope v1; any tool that reads these can check it. keyid is the SHA-256 of the public key's
SubjectPublicKeyInfo (DER) in hex: a hint which key to take, never a proof.

    openssl genpkey -algorithm ed25519 -out key.pem
    openssl pkey -in key.pem -pubout -out key.pub.pem
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.emit.canonical import canonical_json
from provenance.emit.manifest import NAME
from provenance.errors import InputError, Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

ENVELOPE_NAME = "manifest.dsse.json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:provenance-filter:dataset:v1"
#: Larger than any envelope of ours: hostile ones are not read to the end.
LIMIT_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Signed:
    """An envelope, opened but not checked. signatures: (keyid, signature)."""

    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def covers(self, manifest_sha256: str, root: str) -> bool:
        """Whether the payload is a statement about this manifest and this root."""
        try:
            stated = json.loads(self.payload)
        except (ValueError, RecursionError):
            return False
        expected = json.loads(statement(manifest_sha256, root))
        return bool(stated == expected)

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether one of the signatures is that of `key` over the payload."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 (an extra)

        message = pre_authentication(self.payload)
        for _, signature in self.signatures:
            try:
                key.verify(signature, message)
            except InvalidSignature:
                continue
            return True
        return False


def statement(manifest_sha256: str, root: str) -> bytes:
    """The in-toto Statement v1 about a manifest and the Merkle root it states."""
    value = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": NAME, "digest": {"sha256": manifest_sha256}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"merkleRoot": {"sha256": root}},
    }
    return canonical_json(value).encode()


def pre_authentication(payload: bytes) -> bytes:
    """What DSSE v1 signs: PAE(PAYLOAD_TYPE, payload)."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope(payload: bytes, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The DSSE envelope of a statement, signed."""
    signature = key.sign(pre_authentication(payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [
            {"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}
        ],
    }


def open_envelope(data: bytes) -> Signed:
    """The content of an envelope. Raises ValueError when it is none."""
    try:
        value = json.loads(data)
        signatures = tuple(
            (str(one.get("keyid", "")), base64.b64decode(one["sig"], validate=True))
            for one in value["signatures"]
        )
        payload = base64.b64decode(value["payload"], validate=True)
        kind = value["payloadType"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("it is no DSSE envelope") from error
    if kind != PAYLOAD_TYPE:
        raise ValueError(f"its payload is no {PAYLOAD_TYPE}")
    return Signed(payload, signatures)


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo, in hex."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (an extra)

    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 private key in a PEM file. Raises InputError."""
    serialization, ed25519 = _cryptography()
    try:
        key = serialization.load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError) as error:
        raise _no_key(path, "private") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _no_key(path, "private")
    return key


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The Ed25519 public key in a PEM file. Raises InputError."""
    serialization, ed25519 = _cryptography()
    try:
        key = serialization.load_pem_public_key(_read(path))
    except ValueError as error:
        raise _no_key(path, "public") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise _no_key(path, "public")
    return key


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (an extra)
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            Problem(
                "cryptography",
                "signatures need this package, which is not installed",
                accepted="pip install 'provenance-filter[sign]'",
            )
        ) from error
    return serialization, ed25519


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LIMIT_BYTES)
    except OSError as error:
        raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error


def _no_key(path: Path, kind: str) -> InputError:
    what = f"holds no Ed25519 {kind} key"
    accepted = f"an Ed25519 {kind} key in PEM, without a passphrase"
    return InputError(Problem(str(path), what, accepted=accepted))
