"""`provenance explain`"""

from __future__ import annotations

import click

from provenance.cli.options import json_option


@click.command()
@click.argument("out", metavar="OUT")
@click.argument("document", metavar="URL-OR-DOC_ID")
@json_option
def explain(out: str, document: str, as_json: bool) -> None:
    """Say in plain words what was seen in a document and why it was kept or dropped.

    \b
    provenance explain clean/ https://example.org/page
    provenance explain clean/ 8c7a0f1e2b3d4c5f8c7a0f1e2b3d4c5f
    """
    from provenance import api

    for explanation in api.explain(out, document):
        click.echo(explanation.json() if as_json else explanation.text())
