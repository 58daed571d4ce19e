"""`provenance diff`"""

from __future__ import annotations

import click

from provenance.cli.options import json_option


@click.command()
@click.argument("before", metavar="OUT_A")
@click.argument("after", metavar="OUT_B")
@json_option
def diff(before: str, after: str, as_json: bool) -> None:
    """Say what entered and what left from one dataset to another, and why.

    \b
    provenance mix scored/ --policy other.yaml --out other/
    provenance diff clean/ other/

    Documents are matched by doc_id; tokens count once per epoch.
    """
    from provenance import api

    result = api.diff(before, after)
    click.echo(result.json() if as_json else result.text())
