"""`provenance sign`"""

from __future__ import annotations

import click


@click.command()
@click.argument("out", metavar="OUT")
@click.option("--key", required=True, metavar="FILE", help="Ed25519 private key, PEM.")
def sign(out: str, key: str) -> None:
    """Sign the manifest of a finished dataset.

    \b
    openssl genpkey -algorithm ed25519 -out key.pem
    openssl pkey -in key.pem -pubout -out key.pub.pem
    provenance sign clean/ --key key.pem
    provenance verify clean/ --key key.pub.pem

    The signature is an in-toto statement in a DSSE envelope, manifest.dsse.json.
    """
    from provenance import api

    click.echo(f"wrote {api.sign(out, key=key)}")
