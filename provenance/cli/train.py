"""`provenance train`"""

from __future__ import annotations

import click

from provenance.cli.options import out_option


@click.command()
@click.argument("config", metavar="CONFIG")
@click.option(
    "--data", required=True, metavar="FOLDER", help="Folder of labelled texts, *.jsonl.gz."
)
@out_option("weights, calibration and model card")
def train(config: str, data: str, out: str) -> None:
    """Train a detector on labelled texts whose licence allows it.

    \b
    provenance train encoder.yaml --data labelled/ --out weights/

    Nothing is read into the model but the data sets that CONFIG names, with their licence. Same
    data and same CONFIG give the same weights. Interrupted, the same command goes on.
    """
    from provenance import api

    click.echo(api.train(config, data=data, out=out, progress=True).text())
