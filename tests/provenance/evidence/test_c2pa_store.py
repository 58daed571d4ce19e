"""Trust anchors are certificates, whole ones, or the run does not begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.errors import InputError
from provenance.evidence.c2pa_store import MAX_ANCHORS_BYTES, load_anchors

pytest.importorskip("cryptography")

from signing import new_signer

ANCHORS = new_signer("One Press").anchor + new_signer("Other Press").anchor


def _file(folder: Path, text: str) -> Path:
    path = folder / "anchors.pem"
    path.write_text(text, encoding="utf-8")
    return path


def test_anchors_are_the_certificates_of_the_file_and_nothing_else(tmp_path: Path) -> None:
    remarks = ANCHORS.replace("-----BEGIN", "Issuer: O = Press\n-----BEGIN")

    assert load_anchors(_file(tmp_path, ANCHORS)) == ANCHORS
    assert load_anchors(_file(tmp_path, remarks)) == ANCHORS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no certificate"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no certificate"),
        (ANCHORS.replace("MII", "MIJ", 1), "certificate 1 is damaged"),
        (ANCHORS[:-120] + "\n-----END CERTIFICATE-----\n", "certificate 2 is damaged"),
        ("é", "cannot be read"),
        (ANCHORS + " " * MAX_ANCHORS_BYTES, "more than a megabyte"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load_anchors(_file(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.pem' cannot be read"):
        load_anchors(tmp_path / "nowhere.pem")
