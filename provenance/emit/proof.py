"""A proof that one decision is among those a root stands for. It needs nothing but the root.

{"version": "proof/1", "document": {the leaf: see provenance.emit.leaves}, "index": place of the
decision, "size": number of decisions, "path": [node hashes from the bottom up, hex], "root": hex}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from provenance.emit.canonical import canonical_json
from provenance.emit.leaves import LEAF_COLUMNS
from provenance.emit.merkle import DIGEST_BYTES, root_of_path
from provenance.errors import InputError, Problem

VERSION = "proof/1"
#: Larger than any proof: a leaf holds one address, a path 64 hashes.
LIMIT_BYTES = 2**24


@dataclass(frozen=True, slots=True)
class Proof:
    """One decision and its path to the root; hashes in hex."""

    document: Mapping[str, Any]
    index: int
    size: int
    path: tuple[str, ...]
    root: str
    version: str = VERSION

    def json(self) -> str:
        """The proof as canonical JSON."""
        return canonical_json(asdict(self))

    @classmethod
    def read(cls, path: Path) -> Self:
        """The proof in the file. Raises InputError when it is none."""
        try:
            with path.open("rb") as file:
                value = json.loads(file.read(LIMIT_BYTES))
        except OSError as error:
            raise InputError(Problem(str(path), f"cannot be read: {error.strerror}")) from error
        except (ValueError, RecursionError) as error:
            raise InputError(
                Problem(str(path), "is no JSON", accepted="what `provenance prove` printed")
            ) from error
        fault = next(_faults(value), None)
        if fault:
            raise InputError(
                Problem(str(path), f"is no proof: {fault}", accepted=f"a {VERSION} file")
            )
        return cls(**{**value, "path": tuple(value["path"])})

    def fault(self, root: str) -> str | None:
        """Why the document is not proven to be under `root` (hex); None when it is."""
        path = [bytes.fromhex(node) for node in self.path]
        try:
            leaf = canonical_json(self.document).encode()
            found = root_of_path(leaf, index=self.index, size=self.size, path=path)
        except ValueError as error:
            return str(error)
        if found.hex() != root:
            return f"document and path give the root {found.hex()}, not {root}"
        return None


def _faults(value: Any) -> Iterator[str]:
    """What about a JSON value is not the form of a proof; what follows a fault may not be asked."""
    if not isinstance(value, dict) or value.get("version") != VERSION:
        yield f"its version is not {VERSION!r}"
    if set(value) != {"version", "document", "index", "size", "path", "root"}:
        yield "its keys are others"
    document, path = value["document"], value["path"]
    if not isinstance(document, dict) or tuple(sorted(document)) != LEAF_COLUMNS:
        yield "its document has other keys than a leaf"
    if not all(_is_leaf_value(item) for item in document.values()):
        yield "its document holds what no leaf holds"
    if not all(type(value[name]) is int for name in ("index", "size")):
        yield "index and size must be whole numbers"
    if not isinstance(path, list) or not all(map(is_hash, [*path, value["root"]])):
        yield "path and root must be SHA-256 hashes in hex"


def _is_leaf_value(value: Any) -> bool:
    plain = value is None or isinstance(value, str | int | float)
    return plain or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def is_hash(value: Any) -> bool:
    """Whether `value` is 32 bytes in lower-case hex."""
    return (
        isinstance(value, str)
        and len(value) == 2 * DIGEST_BYTES
        and all(c in "0123456789abcdef" for c in value)
    )
