"""Content credentials of a page: found before extraction, verified, and said as facts.

A credential is *valid* when its store passes every check of C2PA, its certificate was valid when
the page was captured, and its hash is that of the text it came with; *invalid* when one of these
fails; *not checkable* when it is elsewhere (nothing is fetched), when the library is not installed,
or when the page no longer holds the text as it was signed. A valid credential proves who signed,
not that the signer tells the truth: only a signer whom the user's trust anchors vouch for decides.
"""

from __future__ import annotations

import functools
import hashlib
import html
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import numpy as np

from detectors.hidden_unicode import Cleaned, clean
from provenance.errors import PlanError, Problem
from provenance.evidence import vocabulary
from provenance.evidence.c2pa_carriers import (
    Carrier,
    header_carriers,
    page_carriers,
    text_carriers,
)
from provenance.evidence.c2pa_store import (
    Binding,
    Manifest,
    StoreReader,
    is_installed,
)
from provenance.evidence.c2pa_trust import TrustAnchors
from provenance.evidence.facts import Fact, Polarity, Strength
from provenance.evidence.hidden import holds_credential
from provenance.evidence.kernels import names_c2pa
from provenance.evidence.vocabulary import Declaration

#: The response header that may name a manifest, in lower case.
LINK: Final = "link"

State = Literal["valid", "invalid", "not_checkable"]

_DETAIL_CHARACTERS: Final = 200
#: Share of the extracted text that a signed passage must be to speak for the page.
_MIN_COVERAGE: Final = 0.9
_Weight = tuple[Polarity, Strength]
#: By what a valid credential says: weight when its signer is trusted, and when anybody could be.
#: A stranger's word against itself weighs more than one in its favour.
_WEIGHTS: Final[dict[Declaration, tuple[_Weight, _Weight]]] = {
    "synthetic": (("synthetic", "decisive"), ("synthetic", "moderate")),
    "mixed": (("synthetic", "moderate"), ("synthetic", "weak")),
    "human": (("human", "decisive"), ("human", "weak")),
    "unknown": (("neutral", "moderate"), ("neutral", "weak")),
}


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential. why: what made it invalid or not checkable. meaning: of its source types."""

    where: str
    state: State
    why: str | None = None
    meaning: Declaration = "unknown"
    signer: str | None = None
    is_trusted: bool = False

    def fact(self) -> Fact:
        """The credential as evidence; only a valid one says anything about the text."""
        polarity: Polarity = "neutral"
        strength: Strength = "weak"
        if self.state == "valid":
            trusted, untrusted = _WEIGHTS[self.meaning]
            polarity, strength = trusted if self.is_trusted else untrusted
        said = [f"in {self.where}"]
        if self.why:
            said.append(self.why)
        if self.state == "valid":
            said.append(f"says {self.meaning}")
        if self.signer:
            trust = "trusted" if self.is_trusted else "not in the trust anchors"
            said.append(f"signed by {self.signer!r} ({trust})")
        detail = "; ".join(said)[:_DETAIL_CHARACTERS]
        return Fact(f"credential_{self.state}", polarity, strength, detail)


@dataclass(frozen=True, slots=True)
class Capture:
    """A page as it was received. data: its body in UTF-8, before extraction. text: the text that
    was extracted, hidden characters included; None for a plain text. link: its `Link` header.
    """

    data: bytes
    text: str | None = None
    link: str | None = None
    captured_at: datetime | None = None
    is_whole: bool = True

    @property
    def day(self) -> datetime | None:
        """When it was captured, with its time zone: UTC unless it says another."""
        at = self.captured_at
        return at.replace(tzinfo=at.tzinfo or UTC) if at else None


class CredentialReader:
    """Reads and verifies the credentials of pages, offline.

    trust_anchors: PEM certificates of signers that are trusted and of authorities whose signers
    are. Raises PlanError when one is broken, or c2pa-python is not installed.
    """

    def __init__(self, trust_anchors: str | None = None) -> None:
        if trust_anchors and not is_installed():
            raise PlanError(
                Problem("trust_anchors", "credentials cannot be verified",
                        accepted="pip install 'provenance-filter[c2pa]'")
            )  # fmt: skip
        self._anchors = TrustAnchors(trust_anchors) if trust_anchors else None

    def credentials(self, capture: Capture) -> list[Credential]:
        """The credentials of a page, in the order in which it holds them."""
        found = _carriers(capture)
        if len(found) > 1 and all(carrier.where != "text" for carrier in found):
            return [Credential(found[0].where, "invalid", "more than one manifest")]
        return [self._judged(carrier, capture) for carrier in found]

    def _judged(self, carrier: Carrier, capture: Capture) -> Credential:
        if carrier.is_remote:
            return Credential(carrier.where, "not_checkable", "the manifest is elsewhere")
        if carrier.store is None:
            return Credential(carrier.where, "invalid", "the manifest is damaged or too large")
        if self._store is None:
            return Credential(carrier.where, "not_checkable", "c2pa-python is not installed")
        manifest = self._store.read(carrier.store, capture.day)
        state, why = _verdict(carrier, capture, manifest)
        return Credential(
            carrier.where, state, why, _meaning(manifest), manifest.signer, manifest.is_trusted
        )

    @functools.cached_property
    def _store(self) -> StoreReader | None:
        """Loaded with the first manifest, for few crawls hold one; None without the library."""
        return StoreReader(self._anchors) if is_installed() else None


def may_hold_credentials(page: bytes, link: str | None, cleaned: Cleaned) -> bool:
    """Whether a page is worth looking at: False for nearly all, after one pass over its bytes."""
    return (
        names_c2pa(np.frombuffer(page, np.uint8))
        or holds_credential(cleaned)
        or (link is not None and "c2pa" in link)
    )


def _carriers(capture: Capture) -> list[Carrier]:
    if capture.text is None:
        found = text_carriers(capture.data)
    else:
        found = page_carriers(capture.data) or text_carriers(capture.data)
        found = found or text_carriers(capture.text.encode("utf-8", "replace"))
    return found or header_carriers(capture.link)


def _verdict(carrier: Carrier, capture: Capture, manifest: Manifest) -> tuple[State, str | None]:
    """What becomes of a manifest that was read, and why."""
    fault = manifest.fault or _out_of_date(manifest, capture.day)
    if fault:
        return "invalid", fault
    if manifest.binding is None:
        return "not_checkable", "not bound by a hash of its text"
    return _bound(carrier, capture, manifest.binding)


def _bound(carrier: Carrier, capture: Capture, binding: Binding) -> tuple[State, str | None]:
    """Whether the text is the signed one."""
    if _is_bound(capture.data, carrier, binding):
        return "valid", None
    if carrier.where == "text" and capture.text is not None:
        passages = _signed_passages(carrier, capture, binding)
        if any(_is_bound(passage, place, binding) for passage, place in passages):
            return "valid", None
        return "not_checkable", "the signed text is not the page's text"
    if not capture.is_whole:
        return "not_checkable", "the crawler cut the page short"
    return "invalid", "the text is not the signed one"


def _out_of_date(manifest: Manifest, at: datetime | None) -> str | None:
    """Judged on the day of capture, not today: the same crawl gives the same result next year."""
    if at is None or manifest.signed_from is None or manifest.signed_until is None:
        return None
    is_valid = manifest.signed_from <= at <= manifest.signed_until
    return None if is_valid else "signingCredential.expired"


def _meaning(manifest: Manifest) -> Declaration:
    """What the source types of all actions come to; two kinds of origin make a mixed text."""
    meanings = {vocabulary.source_type(uri) for uri in manifest.source_types} - {"unknown"}
    if manifest.discloses_ai and not meanings:
        return "synthetic"
    if len(meanings) > 1:
        return "mixed"
    return meanings.pop() if meanings else "unknown"


def _signed_passages(
    carrier: Carrier, capture: Capture, binding: Binding
) -> Iterator[tuple[bytes, Carrier]]:
    """What may have been signed before a web page was made around it, up to the carrier: the end
    of its text node, or of the text that extraction gives back, as long as the binding says.

    A signed passage vouches for no other, so it must be nearly all of the extracted text.
    """
    text = (capture.text or "").encode("utf-8", "replace")
    start = capture.data.rfind(b">", 0, carrier.outer[0]) + 1
    node = capture.data[start : carrier.outer[1]].decode("utf-8", "replace")
    enough = _MIN_COVERAGE * len(clean(capture.text or "").text.encode("utf-8", "replace"))
    if binding.excluded[0] < enough:
        return
    for data in (html.unescape(node).encode("utf-8", "replace"), text):
        for found in text_carriers(data):
            end = found.outer[1]
            first = end - binding.excluded[1]
            if first >= 0:
                yield data[first:end], found.moved(-first)


def _is_bound(data: bytes, carrier: Carrier, binding: Binding) -> bool:
    """Whether `binding` is the hash of `data` without the carrier, as stored or composed (NFC)."""
    start, end = binding.excluded
    covers = carrier.outer[0] <= start <= carrier.inner[0]
    if not (covers and carrier.inner[1] <= end <= carrier.outer[1]):
        return False
    rest = data[:start] + data[end:]
    if hashlib.new(binding.algorithm, rest).digest() == binding.digest:
        return True
    composed = unicodedata.normalize("NFC", rest.decode("utf-8", "replace")).encode()
    return hashlib.new(binding.algorithm, composed).digest() == binding.digest
