"""A dataset's proofs and signature."""

from __future__ import annotations

from pathlib import Path

from provenance.emit.proof import Proof
from provenance.engines.prove import prove_document
from provenance.engines.sign import sign_dataset
from provenance.engines.verify import Verification, verify_all


def prove(out: str | Path, document: str) -> Proof:
    """A proof of what was decided on one document, which can be checked with the root alone.

    document: as for `explain`, but a URL that was captured several times is refused. Raises
    InputError.
    """
    return prove_document(Path(out), document)


def sign(out: str | Path, *, key: str | Path) -> Path:
    """The file with the Ed25519 signature over the manifest of `out`, made with the private key.

    Raises InputError when there is no whole dataset or no usable key.
    """
    return sign_dataset(Path(out), Path(key))


def verify(
    out: str | Path | None = None,
    *,
    proof: str | Path | None = None,
    root: str | None = None,
    key: str | Path | None = None,
) -> Verification:
    """Everything that is not as it was written, in the dataset `out`, in a proof, or in both.

    root: the Merkle root known from elsewhere, in hex; needed for a proof without its dataset.
    key: the public key that must have signed. Raises InputError when nothing can be checked.
    """
    return verify_all(_path(out), proof=_path(proof), root=root, key=_path(key))


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
