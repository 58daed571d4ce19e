"""`provenance verify`"""

from __future__ import annotations

import sys

import click

from provenance.cli.options import json_option


@click.command()
@click.argument("out", metavar="[OUT]", required=False)
@click.option("--proof", metavar="FILE", help="A proof that `provenance prove` printed.")
@click.option("--root", metavar="HEX", help="The Merkle root, known from elsewhere.")
@click.option("--key", metavar="FILE", help="Ed25519 public key that must have signed, PEM.")
@json_option
def verify(
    out: str | None, proof: str | None, root: str | None, key: str | None, as_json: bool
) -> None:
    """Find and name whatever in a dataset is not as it was written; exit 1 when there is any.

    \b
    provenance verify clean/
    provenance verify clean/ --key key.pub.pem
    provenance verify --proof proof.json --root HEX

    Without --key or --root a dataset is only compared with itself: whoever rewrites every file,
    the manifest included, is not found.
    """
    from provenance import api

    result = api.verify(out, proof=proof, root=root, key=key)
    click.echo(result.json() if as_json else result.text())
    sys.exit(0 if result.is_intact else 1)
