"""What a C2PA manifest store says, after the signature over it was checked by c2pa-python.

The library judges structure, assertion hashes and the signature. It does not know text, so what
binds the manifest to its text comes back as `Binding`, for the caller to check; whom to trust is
judged in `c2pa_trust`, on the day of capture.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from provenance.errors import InputError, Problem
from provenance.evidence.c2pa_compressed import unpacked
from provenance.evidence.c2pa_trust import TrustAnchors, certificate_chain

PACKAGE: Final = "c2pa-python"
_FORMAT: Final = "application/c2pa"
#: Findings of the library that are judged here: it has not seen the text, it asks today's clock,
#: and a signer nobody listed is a fact, no fault.
_JUDGED_HERE: Final = frozenset(
    {"assertion.dataHash.mismatch", "signingCredential.untrusted", "signingCredential.expired"}
)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_CERTIFICATE: Final = re.compile(f"{_BEGIN}([A-Za-z0-9+/=\\s]+){_END}")
MAX_ANCHORS_BYTES: Final = 2**20
_HASHES: Final = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Binding:
    """What `c2pa.hash.data` asserts: the hash of the text without `excluded`, a byte range."""

    algorithm: str
    digest: bytes
    excluded: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The active manifest of a store. fault: the first status code of C2PA that it fails with.

    binding: None where it is of a kind that text does not have. signed_from, signed_until: when
    its certificate is valid. source_types: of its actions. discloses_ai: it has c2pa.ai-disclosure.
    """

    fault: str | None = None
    binding: Binding | None = None
    signer: str | None = None
    is_trusted: bool = False
    signed_from: datetime | None = None
    signed_until: datetime | None = None
    source_types: tuple[str, ...] = ()
    discloses_ai: bool = False


class StoreReader:
    """Reads manifest stores with c2pa-python, which must be installed. Nothing is fetched.

    anchors: who is trusted; None = nobody.
    """

    def __init__(self, anchors: TrustAnchors | None = None) -> None:
        import c2pa  # noqa: PLC0415 (optional; 23 MB of native code)

        settings = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
        self._open = functools.partial(c2pa.Reader, context=c2pa.Context.from_dict(settings))
        self._anchors = anchors

    def read(self, store: bytes, at: datetime | None = None) -> Manifest:
        """The active manifest, its signer judged as of `at`; an unreadable one has a fault."""
        plain = unpacked(store)
        if plain is None:
            return Manifest(fault="unreadable")
        try:
            with self._open(_FORMAT, io.BytesIO(plain)) as reader:
                report, details = json.loads(reader.detailed_json()), json.loads(reader.crjson())
            manifest = _manifest(report, details)
        except Exception:  # the library's own errors: one page's store must not cost the batch
            return Manifest(fault="unreadable")
        if self._anchors is None:
            return manifest
        chain = certificate_chain(plain, report["active_manifest"])
        return replace(manifest, is_trusted=self._anchors.vouch_for(chain, at))


def is_installed() -> bool:
    """Whether c2pa-python is installed; another package has the same module name."""
    try:
        return bool(version(PACKAGE))
    except PackageNotFoundError:
        return False


def load_anchors(path: Path) -> str:
    """The certificates in the PEM file at `path`, and nothing else. Raises InputError."""
    try:
        text = path.read_bytes()[: MAX_ANCHORS_BYTES + 1].decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise _no_anchors(path, f"cannot be read: {error}") from error
    blocks = _CERTIFICATE.findall(text)
    if len(text) > MAX_ANCHORS_BYTES or not blocks:
        raise _no_anchors(path, "holds no certificate, or more than a megabyte")
    for number, block in enumerate(blocks, start=1):
        if not _is_der(block):
            raise _no_anchors(path, f"its certificate {number} is damaged")
    return "".join(f"{_BEGIN}\n{block.strip()}\n{_END}\n" for block in blocks)


def _no_anchors(path: Path, what: str) -> InputError:
    return InputError(Problem("trust_anchors", f"{str(path)!r} {what}", accepted="a PEM file"))


def _is_der(block: str) -> bool:
    """Whether Base64 holds one ASN.1 sequence whose length is that of the whole."""
    try:
        der = base64.b64decode("".join(block.split()), validate=True)
    except ValueError:
        return False
    return der[:2] == b"\x30\x82" and int.from_bytes(der[2:4], "big") == len(der) - 4


def _manifest(report: Mapping[str, Any], details: Mapping[str, Any]) -> Manifest:
    label = report["active_manifest"]
    active = report["manifests"][label]
    results = report["validation_results"]["activeManifest"]
    codes = {found["code"] for found in results["success"]}
    signature = active.get("signature") or {}
    validity = _validity(details["manifests"], label)
    return Manifest(
        fault=_fault(results["failure"], codes),
        binding=_binding(active),
        signer=signature.get("issuer") or signature.get("common_name"),
        signed_from=_date(validity.get("notBefore")),
        signed_until=_date(validity.get("notAfter")),
        source_types=tuple(_source_types(active["assertion_store"])),
        discloses_ai="c2pa.ai-disclosure" in active["assertion_store"],
    )


def _fault(failures: Iterable[Mapping[str, Any]], passed: set[str]) -> str | None:
    for failure in failures:
        if failure["code"] not in _JUDGED_HERE:
            return str(failure["code"])
    return None if "claimSignature.validated" in passed else "claimSignature.missing"


def _binding(active: Mapping[str, Any]) -> Binding | None:
    """The one hard binding of a manifest, if it is a hash of bytes and the claim lists it."""
    store, claim = active["assertion_store"], active["claim"]
    if [name for name in store if name.startswith("c2pa.hash.")] != ["c2pa.hash.data"]:
        return None
    listed = [*claim.get("created_assertions", ()), *claim.get("assertions", ())]
    if not any(one["url"].endswith("/c2pa.hash.data") for one in listed):
        return None
    said = store["c2pa.hash.data"]
    algorithm = str(said.get("alg") or claim.get("alg"))
    excluded: list[Any] = list(said.get("exclusions") or ())
    if algorithm not in _HASHES or len(excluded) != 1:
        return None
    start, length = excluded[0]["start"], excluded[0]["length"]
    return Binding(algorithm, base64.b64decode(said["hash"]), (start, start + length))


def _source_types(assertions: Mapping[str, Any]) -> Iterable[str]:
    for name, said in assertions.items():
        if name.startswith("c2pa.actions"):
            for action in said.get("actions", ()):
                if action.get("digitalSourceType"):
                    yield str(action["digitalSourceType"])


def _validity(manifests: Iterable[Mapping[str, Any]], label: str) -> Mapping[str, Any]:
    """Dates of the signing certificate of manifest `label`; empty where there are none."""
    for manifest in manifests:
        if manifest["label"] == label:
            validity: Mapping[str, Any] = manifest["signature"]["certificateInfo"]["validity"]
            return validity
    return {}


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
