"""Signs texts and pages with C2PA manifests of our own making, for tests.

The little of CBOR (RFC 8949), JUMBF (ISO 19566-5) and COSE (RFC 9052) that a manifest needs, after
the C2PA Technical Specification 2.4; nothing is shared with the code under test. What it signs was
checked once with c2patxt 0.2.0 and encypher-c2pa 1.7.1: valid in text, HTML and YAML.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import brotli
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
HUMAN = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
FROM, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2124, 1, 1, tzinfo=UTC)

_C2PA_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
_BOX_UUID = b"\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
MANIFEST = "urn:c2pa:00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Signer:
    """A key; its certificate and those above it, DER; and the first authority as a PEM anchor."""

    key: Ed25519PrivateKey
    chain: tuple[bytes, ...]
    anchor: str


def new_signer(
    organisation: str,
    *,
    since: datetime = FROM,
    until: datetime = UNTIL,
    n_authorities: int = 1,
    path_length: int | None = None,
    secret: str = "",
) -> Signer:
    """A signer whose certificate comes from the last of a line of authorities of its own.

    path_length: how many authorities the first may have below it; None for any number. secret: what
    the keys are made of, with the name.
    """  # fmt: skip
    keys = [_key(f"{secret}{organisation} {number}") for number in range(n_authorities + 1)]
    chain: list[x509.Certificate] = []
    for place, key in enumerate(keys):
        issuer, name = keys[max(place - 1, 0)], f"authority {place}"
        is_signer = place == n_authorities
        builder = _certificate(organisation, "signer" if is_signer else name,
                               f"authority {max(place - 1, 0)}", key, since, until)  # fmt: skip
        limit = path_length if place == 0 else None
        for extension in _extensions(issuer, is_signer=is_signer, path_length=limit):
            builder = builder.add_extension(extension, critical=_is_critical(extension))
        chain.insert(0, builder.sign(issuer, None))
    anchor = chain[-1].public_bytes(Encoding.PEM).decode()
    return Signer(keys[-1], tuple(one.public_bytes(Encoding.DER) for one in chain), anchor)


def as_pem(certificate: bytes) -> str:
    """A DER certificate as PEM."""
    loaded = x509.load_der_x509_certificate(certificate)
    return loaded.public_bytes(Encoding.PEM).decode()


def sign_text(text: str, signer: Signer, source_type: str = SYNTHETIC) -> str:
    """`text`, composed, and a manifest in variation selectors after it (A.8)."""
    text = unicodedata.normalize("NFC", text)
    start = len(text.encode())
    digest = hashlib.sha256(text.encode()).digest()
    for length in range(
        _size(_wrapper(_store(signer, digest, (start, 9000), source_type))) + 99, 2**16
    ):
        build = _builder(signer, digest, (start, length), source_type)
        for long, short in ((long, short) for long in range(50) for short in range(4)):
            wrapper = _wrapper(build(b"\xff" * long + bytes(short)))
            if _size(wrapper) == length:
                return text + wrapper
    raise AssertionError("no padding fits")


def sign_html(page: str, signer: Signer, source_type: str = SYNTHETIC, *, unsigned: int = 0) -> str:
    """The page with its manifest in a script element at the end of its head (A.7).

    unsigned: bytes before that element which the manifest also leaves out, and should not.
    """
    opening, closing = '<script type="application/c2pa">', "</script>"
    place = page.index("</head>")
    return _armoured(page, place, opening, closing, signer, source_type, unsigned)


def sign_structured(text: str, signer: Signer, source_type: str = SYNTHETIC) -> str:
    """The text after a comment line that holds its manifest (A.9)."""
    opening = "# -----BEGIN C2PA MANIFEST----- data:application/c2pa;base64,"
    return _armoured(text, 0, opening, " -----END C2PA MANIFEST-----\n", signer, source_type)


def _armoured(
    text: str, place: int, opening: str, closing: str, signer: Signer, source_type: str,
    unsigned: int = 0,
) -> str:  # fmt: skip
    before, after = text[:place].encode(), text[place:].encode()
    start, length = len(before) - unsigned, 5000
    digest = hashlib.sha256(before[:start] + after).digest()
    for _ in range(2):  # the second time with its real length, which takes as many digits
        store = _store(signer, digest, (start, length), source_type)
        element = opening + base64.b64encode(store).decode() + closing
        length = len(element.encode()) + unsigned
    return text[:place] + element + text[place:]


def _store(signer: Signer, digest: bytes, excluded: tuple[int, int], source_type: str) -> bytes:
    return _builder(signer, digest, excluded, source_type)(b"")


def _builder(
    signer: Signer, digest: bytes, excluded: tuple[int, int], source_type: str
) -> Callable[[bytes], bytes]:
    """A function from padding, which is not signed, to the manifest store."""
    action = {"action": "c2pa.created"} | (
        {"digitalSourceType": source_type} if source_type else {}
    )
    assertions = {
        "c2pa.actions.v2": {"actions": [action]},
        "c2pa.hash.data": {
            "exclusions": [{"start": excluded[0], "length": excluded[1]}],
            "alg": "sha256", "hash": digest, "pad": b"",
        },
    }  # fmt: skip
    boxes = {name: _superbox(b"cbor", name, boxed(b"cbor", cbor(value)))
             for name, value in assertions.items()}  # fmt: skip
    claim = cbor({
        "instanceID": "xmp:iid:00000000-0000-4000-8000-000000000001",
        "claim_generator_info": {"name": "tests"},
        "signature": "self#jumbf=c2pa.signature",
        "created_assertions": [
            {"url": f"self#jumbf=c2pa.assertions/{name}", "alg": "sha256",
             "hash": hashlib.sha256(box[8:]).digest()}
            for name, box in boxes.items()
        ],
        "alg": "sha256",
    })  # fmt: skip
    protected = cbor({1: -8, 33: list(signer.chain)})
    signature = signer.key.sign(cbor(["Signature1", protected, b"", claim]))

    def build(padding: bytes) -> bytes:
        signed = b"\xd2" + cbor([protected, {"pad": padding}, None, signature])
        return _superbox(b"c2pa", "c2pa", _superbox(
            b"c2ma", MANIFEST,
            _superbox(b"c2as", "c2pa.assertions", *boxes.values()),
            _superbox(b"c2cl", "c2pa.claim.v2", boxed(b"cbor", claim)),
            _superbox(b"c2cs", "c2pa.signature", boxed(b"cbor", signed)),
        ))  # fmt: skip

    return build


def manifest_store(signer: Signer) -> bytes:
    """A store with the manifest of an empty text."""
    return _store(signer, hashlib.sha256(b"").digest(), (0, 9000), SYNTHETIC)


def compressed(store: bytes) -> bytes:
    """The store with its one manifest compressed, as c2pa-rs does it."""
    described = 8 + int.from_bytes(store[8:12], "big")
    manifest = boxed(b"brob", brotli.compress(store[described:]))
    return boxed(b"jumb", store[8:described] + _superbox(b"c2cm", MANIFEST, manifest))


def _wrapper(store: bytes) -> str:
    content = b"C2PATXT\0\x01" + len(store).to_bytes(4, "big") + store
    return "\ufeff" + "".join(
        chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16) for byte in content
    )


def _size(text: str) -> int:
    return len(text.encode())


def boxed(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def _superbox(kind: bytes, label: str, *boxes: bytes) -> bytes:
    described = boxed(b"jumd", kind + _BOX_UUID + b"\x03" + label.encode() + b"\0")
    return boxed(b"jumb", described + b"".join(boxes))


def cbor(value: Any) -> bytes:
    """The value as CBOR, lengths in the shortest form."""
    match value:
        case None:
            return b"\xf6"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            items = b"".join(cbor(key) + cbor(item) for key, item in value.items())
            return _head(5, len(value)) + items
    raise TypeError(type(value))


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    size = next(size for size in (1, 2, 4, 8) if argument < 256**size)
    return bytes([major << 5 | 23 + size.bit_length()]) + argument.to_bytes(size, "big")


def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def _certificate(
    organisation: str,
    name: str,
    issuer: str,
    key: Ed25519PrivateKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    def full(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )

    return (
        x509.CertificateBuilder()
        .subject_name(full(name)).issuer_name(full(issuer)).public_key(key.public_key())
        .serial_number(len(name)).not_valid_before(since).not_valid_after(until)
    )  # fmt: skip


def _extensions(
    issuer: Ed25519PrivateKey, *, is_signer: bool, path_length: int | None
) -> list[x509.ExtensionType]:
    above = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key())
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=not is_signer, crl_sign=not is_signer,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    found = [
        x509.BasicConstraints(ca=not is_signer, path_length=path_length),
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above),
        usage,
    ]
    purposes = [_C2PA_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return [*found, x509.ExtendedKeyUsage(purposes)] if is_signer else found


def _is_critical(extension: x509.ExtensionType) -> bool:
    return isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
