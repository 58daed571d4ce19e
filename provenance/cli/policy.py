"""`provenance policy init | check | schema`"""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def policy() -> None:
    """Write, check and describe policy files."""


@policy.command()
@click.argument("path", metavar="FILE", default="policy.yaml")
def init(path: str) -> None:
    """Write the built-in policy to FILE, to be edited.

    \b
    provenance policy init policy.yaml
    """
    from provenance import api

    api.policy_init(Path(path))
    click.echo(f"wrote {path}")


@policy.command()
@click.argument("path", metavar="FILE")
def check(path: str) -> None:
    """Report every problem in FILE, with its line; exit 2 when there is one.

    \b
    provenance policy check policy.yaml
    """
    from provenance import api

    api.policy_check(Path(path))
    click.echo(f"{path}: no problems")


@policy.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors.

    \b
    provenance policy schema > policy.schema.json
    """
    from provenance import api

    click.echo(api.policy_schema())
