"""`provenance score`"""

from __future__ import annotations

from typing import Any

import click

from provenance.cli.options import json_option, out_option, scoring_options


@click.command()
@scoring_options
@click.option(
    "--policy",
    metavar="FILE",
    help="Policy whose `detectors` score. Default: linear and stylometry.",
)
@out_option("the scored store")
@json_option
def score(inputs: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Read, extract and score crawl shards; decide nothing.

    \b
    provenance score crawl/ --out scored/
    provenance mix scored/ --policy policy.yaml --out clean/

    The scored store is scored once; any number of policies are then mixed from it.
    """
    from provenance import api

    result = api.score(inputs, progress=True, **options)
    click.echo(result.json() if as_json else result.text())
