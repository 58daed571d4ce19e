"""`provenance prove`"""

from __future__ import annotations

import click


@click.command()
@click.argument("out", metavar="OUT")
@click.argument("document", metavar="URL-OR-DOC_ID")
def prove(out: str, document: str) -> None:
    """Print a proof of what was decided on one document.

    \b
    provenance prove clean/ https://example.org/page > proof.json
    provenance verify --proof proof.json --root HEX

    The proof holds the decision and can be checked by whoever knows the Merkle root alone.
    """
    from provenance import api

    click.echo(api.prove(out, document).json())
