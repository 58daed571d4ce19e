"""`provenance mix`"""

from __future__ import annotations

from typing import Any

import click

from provenance.cli.options import json_option, out_option, policy_option, reference_options


@click.command()
@click.argument("scored", metavar="SCORED")
@policy_option
@reference_options
@out_option("the dataset")
@json_option
def mix(scored: str, as_json: bool, **options: Any) -> None:
    """Decide over a scored store: a new policy without scoring again.

    \b
    provenance mix scored/ --policy policy.yaml --out clean/
    """
    from provenance import api

    result = api.mix(scored, progress=True, **options)
    click.echo(result.json() if as_json else result.text())
