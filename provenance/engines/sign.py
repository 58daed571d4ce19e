"""A signature on a finished dataset."""

from __future__ import annotations

from pathlib import Path

from provenance.emit.atomic import digest_file, write_json
from provenance.emit.manifest import NAME, read_manifest
from provenance.emit.signature import ENVELOPE_NAME, envelope, load_private_key, statement


def sign_dataset(out: Path, key: Path) -> Path:
    """Write the DSSE envelope over the manifest at `out`, and return its path.

    An earlier signature is replaced; the same key gives the same bytes. Raises InputError.
    """
    root = read_manifest(out)["merkle"]["root"]
    payload = statement(digest_file(out / NAME), root)
    write_json(out / ENVELOPE_NAME, envelope(payload, load_private_key(key)))
    return out / ENVELOPE_NAME
