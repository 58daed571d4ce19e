"""Who may import whom: the table of the design, read off the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import detectors
import provenance

PROVENANCE = Path(provenance.__file__).parent
DETECTORS = Path(detectors.__file__).parent

#: Lower number = lower layer. A module imports its own layer and those below.
LAYER = {
    "errors": 0,
    "reasons": 1, "batch": 1, "stage": 1, "session": 1,
    "sources": 2, "text": 2, "evidence": 2, "detectors": 2,
    "stages": 3, "dedup": 3, "policy": 3, "emit": 3, "report": 3, "monitor": 3,
    "engines": 4,
    "api": 5,
    "cli": 6,
}  # fmt: skip

#: Third-party packages that one place alone may import.
ONLY_IN = {
    "click": ("provenance/cli/",),
    "duckdb": ("provenance/session.py",),
    "transformers": ("detectors/model_files.py", "detectors/classifier/sequence.py"),
    "ray": ("provenance/engines/ray.py",),
}

FORBIDDEN_IN_DETECTORS = {"provenance", "pyarrow", "duckdb", "click"}


def imports(path: Path) -> set[str]:
    """Dotted names that the file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def layer(dotted: str) -> int | None:
    """The layer of an import of ours; None for anything else."""
    parts = dotted.split(".")
    if parts[0] == "detectors":
        return LAYER["detectors"]
    return LAYER.get(parts[1]) if parts[0] == "provenance" and len(parts) > 1 else None


def modules(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


@pytest.mark.parametrize("path", modules(PROVENANCE), ids=lambda p: str(p.relative_to(PROVENANCE)))
def test_a_module_imports_downwards_only(path: Path) -> None:
    own = path.relative_to(PROVENANCE).parts[0].removesuffix(".py")
    if own == "__init__":
        pytest.skip("the package root re-exports lazily")

    upwards = {name for name in imports(path) if (layer(name) or 0) > LAYER[own]}

    assert upwards == set()


@pytest.mark.parametrize("path", modules(DETECTORS), ids=lambda p: str(p.relative_to(DETECTORS)))
def test_detectors_know_nothing_of_the_pipeline(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} & FORBIDDEN_IN_DETECTORS == set()


@pytest.mark.parametrize("path", [*modules(PROVENANCE), *modules(DETECTORS)], ids=str)
def test_border_packages_are_imported_in_one_place(path: Path) -> None:
    shown = path.relative_to(PROVENANCE.parent).as_posix()
    used = {name.split(".")[0] for name in imports(path)}

    strays = {p for p, homes in ONLY_IN.items() if p in used and not shown.startswith(homes)}

    assert strays == set()


HEAVY = ("torch", "transformers", "duckdb", "pyarrow", "numba", "resiliparse", "datasketch")


@pytest.mark.parametrize("statement", ["import provenance", "import provenance.cli.main"])
def test_start_up_loads_nothing_heavy(statement: str) -> None:
    check = f"import sys; {statement}; print([m for m in {HEAVY!r} if m in sys.modules])"

    result = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
