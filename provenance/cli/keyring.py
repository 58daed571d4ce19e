"""`provenance keyring fit`"""

from __future__ import annotations

import click

from provenance.cli.options import json_option


@click.group()
def keyring() -> None:
    """Fit watermark keys to the human text that they will be tried on."""


@keyring.command()
@click.argument("keyring", metavar="KEYRING")
@click.argument("reference", metavar="SCORED")
@click.option("--out", required=True, metavar="FILE", help="File for the nulls.")
@json_option
def fit(keyring: str, reference: str, out: str, as_json: bool) -> None:
    """Measure what every key's scores are on human texts, those of the scored store SCORED.

    \b
    provenance score pages-2018/ --out human/
    provenance keyring fit keyring.yaml human/ --out nulls.json    # then: `nulls: nulls.json`
    provenance clean crawl/ --keyring keyring.yaml --out clean/

    Texts of a language share common words, and so a key's luck: without nulls, p values hold over
    keys, and the false alarms of one key may be several times as many, or as few.
    """
    from provenance import api

    result = api.keyring_fit(keyring, reference, out=out)
    click.echo(result.json() if as_json else result.text())
