"""`provenance estimate`"""

from __future__ import annotations

from typing import IO, Any

import click

from provenance.cli.options import json_option, scoring_options


@click.command()
@scoring_options
@click.option(
    "--by",
    default="month",
    show_default=True,
    metavar="KIND,...",
    help="Groups to estimate apart: host, language, month, stratum.",
)
@click.option(
    "--csv",
    "csv_file",
    metavar="FILE",
    type=click.File("w", encoding="utf-8"),
    help="Write the rows as CSV too.",
)
@json_option  # fmt: skip
def estimate(
    inputs: tuple[str, ...], by: str, csv_file: IO[str] | None, as_json: bool, **options: Any
) -> None:
    """Estimate the share of synthetic text, without a verdict on any document.

    \b
    provenance estimate clean/ --by month,stratum
    provenance estimate scored/ --by host --csv hosts.csv
    provenance estimate crawl.jsonl.gz --by language,month --json

    IN is the folder of a dataset or a scored store, or files to score first. Where prevalence is
    low, verdicts mislead: scores of many documents together say more than each alone.
    """
    from provenance import api

    kinds = [kind.strip() for kind in by.split(",") if kind.strip()]
    result = api.estimate(inputs, by=kinds, progress=True, **options)
    if csv_file:
        csv_file.write(result.csv())
    click.echo(result.json() if as_json else result.text())
