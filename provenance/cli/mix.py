"""`provenance mix`"""

from __future__ import annotations

import click

from provenance.cli.options import json_option, out_option, policy_option


@click.command()
@click.argument("scored", metavar="SCORED")
@policy_option
@out_option("the dataset")
@json_option
def mix(scored: str, policy: str | None, out: str, as_json: bool) -> None:
    """Decide over a scored store: a new policy without scoring again.

    \b
    provenance mix scored/ --policy policy.yaml --out clean/
    """
    from provenance import api

    result = api.mix(scored, policy=policy, out=out, progress=True)
    click.echo(result.json() if as_json else result.text())
