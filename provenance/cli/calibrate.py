"""`provenance calibrate`"""

from __future__ import annotations

import click

from provenance.cli.options import device_option, json_option


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="HUMAN_TEXTS...")
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    default=("linear",),
    show_default=True,
    metavar="NAME",
    help="Detector to calibrate: NAME, or NAME@MODEL, as for `bench`. May be given again.",
)
@click.option(
    "--fpr",
    type=float,
    default=0.01,
    show_default=True,
    help="Share of human texts that may exceed a threshold.",
)
@device_option
@click.option("--text-column", metavar="NAME", help="Column that holds the text.")
@click.option(
    "--language-column",
    metavar="NAME",
    help="Column that holds the language (ISO 639-1). Default: it is identified.",
)
@click.option(
    "--domain-column",
    metavar="NAME",
    help="Column that holds the domain; each is calibrated apart as far as it can be.",
)
@click.option("--out", required=True, metavar="FILE", help="File for the calibration.")
@json_option  # fmt: skip
def calibrate(inputs: tuple[str, ...], as_json: bool, **options: object) -> None:
    """Turn texts that people wrote into thresholds at a stated false-positive rate.

    \b
    provenance calibrate essays/ --fpr 0.01 --out essays.calibration.json
    provenance calibrate posts.jsonl.gz --domain-column forum --detector linear --out posts.json
    provenance clean crawl/ --calibration posts.json --out clean/

    HUMAN_TEXTS are Parquet, JSON Lines, WARC, or folders of .txt files, of the kind of text that
    will be judged. A rate of 0.01 needs 99 texts; groups with fewer are read by coarser ones.
    """
    from provenance import api

    result = api.calibrate(inputs, **options)  # type: ignore[arg-type]
    click.echo(result.json() if as_json else result.text())
