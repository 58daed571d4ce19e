"""`keyring_fit` as the library offers it. Detectors are loaded when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.emit.atomic import write_json
from provenance.emit.canonical import canonical_json
from provenance.engines.store import Store
from provenance.errors import OutputError, Problem


@dataclass(frozen=True, slots=True)
class NullsResult:
    """Fitted nulls: their file, and its content."""

    out: Path
    facts: Mapping[str, Any]

    def text(self) -> str:
        """How many human texts each null rests on, for a terminal."""
        lines = [
            f"{one['name']}: "
            + ", ".join(f"{lang} {n['n_texts']:,}" for lang, n in one["languages"].items())
            for one in self.facts["nulls"]
        ]
        return "\n".join([f"{self.out}: human texts by language", *lines])

    def json(self) -> str:
        """The file's content as canonical JSON."""
        return canonical_json(self.facts)


def keyring_fit(keyring: str | Path, reference: str | Path, *, out: str | Path) -> NullsResult:
    """The null distribution of every key of a keyring on human text, in the file `out`.

    reference: a scored store of human texts like those that will be read. The keyring then names
    the file (`nulls: FILE`). Raises InputError, and OutputError where `out` cannot be written.
    """
    from provenance.engines.nulls import fit_nulls  # noqa: PLC0415 (loads the detectors)
    from provenance.policy.keyring import load_keys  # noqa: PLC0415

    file = Path(out)
    if not file.parent.is_dir() or file.is_dir():
        what = f"cannot write {str(file)!r}"
        raise OutputError(Problem("out", what, accepted="a file in a folder that is there"))
    facts = fit_nulls(Store(Path(reference)), load_keys(Path(keyring)))
    write_json(file, facts)
    return NullsResult(file, facts)
