"""Whether a manifest's signer is one that the user trusts, on the day a page was captured.

c2pa-python asks today's clock, and most signing certificates live for a year: of a crawl two years
old it would trust nobody. So the chain is followed here, on the day of capture. Trusted is a signer
whose own certificate is in the user's file (as in the IPTC list of verified publishers), or to whom
an authority in the file issued it, directly or through the certificates sent along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from provenance.errors import PlanError, Problem

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

#: Longer chains are not followed.
MAX_CHAIN: Final = 8
_MAX_DEPTH: Final = 16
#: Labels of the chain in a COSE header (RFC 9360; the string is older).
_CHAIN_LABELS: Final = (33, "x5chain")


class TrustAnchors:
    """The certificates of a PEM text. Raises PlanError when one of them cannot be read."""

    def __init__(self, pem: str) -> None:
        from cryptography import x509  # noqa: PLC0415 (optional)

        try:
            self._anchors = x509.load_pem_x509_certificates(pem.encode())
        except ValueError as error:
            problem = Problem("trust_anchors", f"holds a broken certificate: {error}")
            raise PlanError(problem) from error
        self._load = x509.load_der_x509_certificate

    def vouch_for(self, chain: Sequence[bytes], at: datetime | None) -> bool:
        """Whether the signer's chain, DER and its own first, ends in an anchor, all valid `at`.

        at: None when the day is not known; then no date is asked.
        """
        try:
            return self._ends_in_anchor([self._load(one) for one in chain[:MAX_CHAIN]], at)
        except Exception:  # certificates come from anybody, and their parsers raise what they like
            return False

    def _ends_in_anchor(self, chain: Sequence[Certificate], at: datetime | None) -> bool:
        path, sent = [*chain[:1]], chain[1:]
        while path and len(path) <= MAX_CHAIN and _is_valid(path[-1], at):
            if path[-1] in self._anchors:
                return True
            if any(_issued(anchor, path) and _is_valid(anchor, at) for anchor in self._anchors):
                return True
            above = next((one for one in sent if one not in path and _issued(one, path)), None)
            if above is None:
                return False
            path.append(above)
        return False


def certificate_chain(store: bytes, label: str) -> list[bytes]:
    """The certificates, DER, of the signature of manifest `label`; empty where it is ambiguous."""
    try:
        (manifest,) = _children(store[8:], label)
        (signature,) = _children(manifest, "c2pa.signature")
        (content,) = (body for kind, body in boxes(signature) if kind == b"cbor")
        protected, unprotected = _item(content, 0, 0)[0][:2]
        headers = [_item(protected, 0, 0)[0], unprotected]
        (chain,) = (one[name] for one in headers for name in _CHAIN_LABELS if name in one)
    except (ValueError, TypeError, IndexError, KeyError):
        return []
    return [chain] if isinstance(chain, bytes) else [one for one in chain if isinstance(one, bytes)]


def _is_valid(certificate: Certificate, at: datetime | None) -> bool:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return at is None or since <= at <= until


def _issued(issuer: Certificate, path: Sequence[Certificate]) -> bool:
    """Whether `issuer` is an authority and signed the last certificate of the path."""
    from cryptography import x509  # noqa: PLC0415 (optional)
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415

    try:
        rules = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        path[-1].verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return rules.ca and (rules.path_length is None or rules.path_length >= len(path) - 1)


def _children(data: bytes, label: str) -> Iterator[bytes]:
    """Contents of the superboxes in `data` that have the label (ISO 19566-5)."""
    for kind, body in boxes(data):
        if kind == b"jumb":
            first, described = next(boxes(body))
            if first == b"jumd" and described[17:].split(b"\0")[0] == label.encode():
                yield body


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box in `data`. Raises ValueError where no box ends."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if not 8 <= size <= len(data) - at:
            raise ValueError(f"a box of {size} bytes")
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The CBOR item at `at`, and where it ends (RFC 8949, definite lengths only)."""
    major, argument, at = *divmod(data[at], 32), at + 1
    if depth > _MAX_DEPTH or argument > 27:
        raise ValueError("not the CBOR of a signature")
    if argument > 23:
        size = 1 << (argument - 24)
        argument, at = int.from_bytes(data[at : at + size], "big"), at + size
    if major in (0, 1):
        return (argument if major == 0 else -1 - argument), at
    if argument > len(data) - at and major != 7:
        raise ValueError("longer than its data")
    if major in (2, 3):
        content = data[at : at + argument]
        return (content if major == 2 else content.decode()), at + argument
    if major == 6:
        return _item(data, at, depth + 1)
    if major == 7:
        return None, at
    items = []
    for _ in range(argument if major == 4 else 2 * argument):
        item, at = _item(data, at, depth + 1)
        items.append(item)
    if major == 4:
        return items, at
    pairs = dict(zip(items[::2], items[1::2], strict=True))
    if len(pairs) != argument:
        raise ValueError("a key twice: which one counts is anybody's guess")
    return pairs, at
