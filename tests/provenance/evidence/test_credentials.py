"""Credentials are found on the raw page, verified, and weigh what their verification is worth."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detectors.hidden_unicode import clean
from provenance.errors import PlanError
from provenance.evidence import credentials as module
from provenance.evidence.c2pa_carriers import MAX_STORE_BYTES
from provenance.evidence.credentials import (
    Capture,
    Credential,
    CredentialReader,
    may_hold_credentials,
)
from provenance.evidence.facts import Fact

pytest.importorskip("c2pa")
pytest.importorskip("cryptography")

from signing import (
    COMPOSITE,
    FROM,
    HUMAN,
    SYNTHETIC,
    UNTIL,
    new_signer,
    sign_html,
    sign_structured,
    sign_text,
)

TEXT = "Une phrase — naïve — of the text that its publisher signed. " * 8
PAGE = f"<html><head><title>Ün</title></head><body><p>{TEXT}</p></body></html>"
YAML = "title: a list\nitems: [1, 2, 3]\n"
PRESS = new_signer("Test Press")
TRUSTING = CredentialReader(PRESS.anchor)
STRANGER = CredentialReader(new_signer("Somebody else").anchor)
SIGNED_TEXT = sign_text(TEXT, PRESS)
SIGNED_PAGE = sign_html(PAGE, PRESS)
SIGNED_YAML = sign_structured(YAML, PRESS)
#: Made by c2patxt 0.2.0 with a certificate that is valid until 2124.
FOREIGN = Path(__file__).with_name("signed_by_c2patxt.txt").read_text(encoding="utf-8")


def _page(signed: str) -> Capture:
    return Capture(signed.encode(), text=TEXT)


def _only(capture: Capture, reader: CredentialReader = TRUSTING) -> Credential:
    (credential,) = reader.credentials(capture)
    return credential


@pytest.mark.parametrize(
    ("capture", "where"),
    [
        (Capture(SIGNED_TEXT.encode()), "text"),
        (_page(SIGNED_PAGE), "html"),
        (Capture(SIGNED_YAML.encode()), "structured"),
    ],
    ids=["plain text", "HTML", "YAML"],
)
def test_what_was_signed_is_valid_and_its_signer_is_known(capture: Capture, where: str) -> None:
    assert _only(capture) == Credential(where, "valid", None, "synthetic", "Test Press", True)
    assert not _only(capture, STRANGER).is_trusted


@pytest.mark.parametrize(
    "capture",
    [
        Capture(SIGNED_TEXT.replace("naïve", "naive", 1).encode()),
        Capture(f"More. {SIGNED_TEXT}".encode()),
        Capture(f"{SIGNED_TEXT} More.".encode()),
        _page(SIGNED_PAGE.replace("naïve", "naive", 1)),
        _page(SIGNED_PAGE.replace("Ün", "Un")),
        _page(f"{SIGNED_PAGE}<p>More"),
        Capture(SIGNED_YAML.replace("1, 2", "1, 9").encode()),
    ],
    ids=["word", "before", "after", "word in HTML", "title", "after HTML", "YAML"],
)
def test_a_changed_text_is_invalid(capture: Capture) -> None:
    credential = _only(capture)

    assert (credential.state, credential.why) == ("invalid", "the text is not the signed one")
    assert (credential.fact().polarity, credential.fact().strength) == ("neutral", "weak")


def test_a_credential_made_by_other_software_is_valid() -> None:
    found = _only(Capture(FOREIGN.encode()), CredentialReader())

    assert (found.state, found.meaning, found.signer) == ("valid", "synthetic", "Test Press")


def test_a_decomposed_text_is_the_signed_one() -> None:
    text, mark = SIGNED_TEXT.split("\ufeff")
    decomposed = text.replace("ï", "i\u0308")

    # The range left out is counted in the bytes that are there: signed as stored, hashed composed.
    assert _only(Capture(f"{decomposed}\ufeff{mark}".encode())).state == "invalid"
    assert _only(Capture(SIGNED_TEXT.encode())).state == "valid"


def test_a_manifest_that_leaves_out_more_than_itself_binds_nothing() -> None:
    hollow = sign_html(PAGE, PRESS, unsigned=len("<title>Ün</title>".encode()))

    assert _only(_page(hollow)).state == "invalid"
    assert _only(_page(sign_html(PAGE, PRESS, unsigned=0))).state == "valid"


def test_another_manifest_in_the_place_of_ours_is_invalid() -> None:
    other = sign_text("Another text altogether, a little shorter than ours.", PRESS)
    swapped = SIGNED_TEXT.split("\ufeff")[0] + "\ufeff" + other.split("\ufeff")[1]

    assert _only(Capture(swapped.encode())).state == "invalid"


@pytest.mark.parametrize(
    ("find", "put", "why"),
    [
        (b"trainedAlgorithmicMedia", b"trainedAlgorithmicMedix", "assertion.hashedURI.mismatch"),
        (b"c2pa.created", b"c2pa.creates", "assertion.hashedURI.mismatch"),
        (b"xmp:iid:0000", b"xmp:iid:0001", "claimSignature.mismatch"),
        (b"jumb", b"jumx", "unreadable"),
    ],
)
def test_a_changed_manifest_is_invalid_and_says_why(find: bytes, put: bytes, why: str) -> None:
    def changed(match: re.Match[str]) -> str:
        return (
            base64.b64encode(base64.b64decode(match[1]).replace(find, put)).decode() + "</script>"
        )

    page = re.sub(r"([A-Za-z0-9+/=]{99,})</script>", changed, SIGNED_PAGE)

    assert (_only(_page(page)).state, _only(_page(page)).why) == ("invalid", why)


@pytest.mark.parametrize(
    ("source_type", "trusted", "untrusted"),
    [
        (SYNTHETIC, ("synthetic", "decisive"), ("synthetic", "moderate")),
        (COMPOSITE, ("synthetic", "moderate"), ("synthetic", "weak")),
        (HUMAN, ("human", "decisive"), ("human", "weak")),
        (f"{HUMAN}Anew", ("neutral", "moderate"), ("neutral", "weak")),
    ],
)
def test_a_source_type_points_its_way_as_far_as_the_signer_is_trusted(
    source_type: str, trusted: tuple[str, str], untrusted: tuple[str, str]
) -> None:
    capture = Capture(sign_text(TEXT, PRESS, source_type).encode())

    facts = [_only(capture, reader).fact() for reader in (TRUSTING, STRANGER)]

    assert [(fact.polarity, fact.strength) for fact in facts] == [trusted, untrusted]
    assert {fact.kind for fact in facts} == {"credential_valid"}


def test_a_fact_says_where_the_credential_was_and_who_signed() -> None:
    assert _only(Capture(SIGNED_TEXT.encode())).fact() == Fact(
        "credential_valid",
        "synthetic",
        "decisive",
        "in text; says synthetic; signed by 'Test Press' (trusted)",
    )


def test_certificates_are_judged_on_the_day_of_capture() -> None:
    expired = new_signer("Old Press", since=FROM, until=FROM + timedelta(days=90))
    signed = sign_text(TEXT, expired).encode()

    def state(captured_at: datetime | None) -> str:
        return _only(Capture(signed, captured_at=captured_at), STRANGER).state

    assert state(FROM + timedelta(days=1)) == "valid"
    assert state(FROM - timedelta(days=1)) == "invalid"
    assert state(datetime(2025, 6, 1, tzinfo=UTC)) == "invalid"
    assert _only(Capture(SIGNED_TEXT.encode(), captured_at=UNTIL)).state == "valid"


def test_a_text_manifest_pasted_into_a_page_speaks_for_the_signed_text() -> None:
    page = f"<body><h1>Top</h1><p>{SIGNED_TEXT.replace('—', '&mdash;')}</p><p>Foot</p>"

    assert _only(Capture(page.encode(), text=f"{SIGNED_TEXT}\n\nFoot")).state == "valid"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (f"<p>{SIGNED_TEXT}</p>".replace("naïve", "naive"), SIGNED_TEXT.replace("naïve", "naive")),
        (f"<p>{'Unsigned. ' * 99}</p><p>{SIGNED_TEXT}</p>", f"{'Unsigned. ' * 99}\n{SIGNED_TEXT}"),
    ],
    ids=["changed", "a small part of the page"],
)
def test_a_text_manifest_that_does_not_fit_its_page_proves_nothing(page: str, text: str) -> None:
    credential = _only(Capture(page.encode(), text=text))

    assert (credential.state, credential.fact().polarity) == ("not_checkable", "neutral")


@pytest.mark.parametrize(
    ("page", "where"),
    [
        ('<link rel="c2pa-manifest" href="https://x.example/m.c2pa">', "html_link"),
        ("<LINK HREF=m.c2pa REL='alternate C2PA-Manifest' TYPE=application/c2pa>", "html_link"),
        ("<!-- -----BEGIN C2PA MANIFEST----- https://x.example/m -----END C2PA MANIFEST----- -->",
         "structured_link"),
    ],
)  # fmt: skip
def test_a_manifest_elsewhere_is_not_fetched(page: str, where: str) -> None:
    assert _only(_page(page)) == Credential(where, "not_checkable", "the manifest is elsewhere")


@pytest.mark.parametrize(
    "link",
    ['<https://x.example/m.c2pa>; rel="c2pa-manifest"; type="application/c2pa"',
     "</style.css>; rel=preload, </m>; rel=c2pa-manifest"],
)  # fmt: skip
def test_a_link_header_names_a_manifest(link: str) -> None:
    assert _only(Capture(b"text", link=link)).where == "http_link"


@pytest.mark.parametrize(
    "page",
    [
        '<script type="application/c2pa">not base64!</script>',
        '<script type="application/c2pa">AAAA',
        "\ufeff" + SIGNED_TEXT.split("\ufeff")[1][:400],
        f'<script type="application/c2pa">{"AAAA" * (MAX_STORE_BYTES // 3 + 2)}</script>',
    ],
    ids=["no Base64", "no end", "no end of the text's", "too large"],
)
def test_a_manifest_that_cannot_be_taken_out_is_invalid(page: str) -> None:
    credential = _only(_page(page))

    assert (credential.state, credential.why) == ("invalid", "the manifest is damaged or too large")


def test_two_manifests_in_one_page_are_invalid() -> None:
    twice = SIGNED_PAGE.replace("</head>", '<link rel="c2pa-manifest" href="m.c2pa"></head>')

    assert _only(_page(twice)).why == "more than one manifest"


def test_a_page_that_the_crawler_cut_is_not_called_tampered() -> None:
    cut = SIGNED_PAGE[: SIGNED_PAGE.index("<body>") + 60]

    assert _only(Capture(cut.encode(), text="", is_whole=False)).state == "not_checkable"
    assert _only(Capture(cut.encode(), text="")).state == "invalid"


def test_without_the_library_a_credential_is_seen_and_not_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "is_installed", lambda: False)

    assert _only(Capture(SIGNED_TEXT.encode()), CredentialReader()) == Credential(
        "text", "not_checkable", "c2pa-python is not installed"
    )
    with pytest.raises(PlanError, match=r"provenance-filter\[c2pa\]"):
        CredentialReader(PRESS.anchor)


@pytest.mark.parametrize(
    "text",
    ["❤\ufe0f 👩\u200d💻 1\ufe0f\u20e3", "葛\U000e0100城市", "∩\ufe00", "\ufeffA text",
     "The specification of application/c2pa, c2pa-manifest and C2PA MANIFEST"],
)  # fmt: skip
def test_emoji_selectors_and_prose_are_no_marks(text: str) -> None:
    assert TRUSTING.credentials(Capture(text.encode())) == []
    assert TRUSTING.credentials(Capture(f"<p>{text}</p>".encode(), text=text)) == []


@pytest.mark.parametrize("signed", [SIGNED_TEXT, SIGNED_PAGE, SIGNED_YAML])
def test_the_first_look_sees_every_mark(signed: str) -> None:
    assert may_hold_credentials(signed.encode(), None, clean(signed))
    assert may_hold_credentials(b"<LINK REL=C2PA-MANIFEST>", None, clean(""))
    assert may_hold_credentials(b"x", '<m>; rel="c2pa-manifest"', clean(""))
    assert not may_hold_credentials(PAGE.encode(), "<x>; rel=next", clean(TEXT))
    assert not may_hold_credentials(b"2p", None, clean("❤\ufe0f"))
