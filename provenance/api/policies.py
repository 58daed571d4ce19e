"""Policy files: begun, checked, described."""

from __future__ import annotations

from pathlib import Path

from provenance.emit.atomic import write_text
from provenance.emit.canonical import canonical_json
from provenance.errors import OutputError, Problem
from provenance.policy.load import default_policy, load
from provenance.policy.model import Policy, json_schema


def policy_init(path: Path) -> None:
    """Write the built-in policy to `path`, which must not exist. Raises OutputError."""
    if path.exists():
        raise OutputError(Problem(str(path), "exists already", accepted="a new file"))
    try:
        write_text(path, default_policy())
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be written: {error.strerror}")) from error


def policy_check(path: Path) -> Policy:
    """The policy in the file. Raises PolicyError with every problem in it."""
    return load(path)


def policy_schema() -> str:
    """The JSON Schema of policy files."""
    return canonical_json(json_schema())
