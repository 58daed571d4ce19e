"""`provenance bench`"""

from __future__ import annotations

import sys
from typing import Any

import click

from provenance.cli.options import device_option, json_option, out_option

_MEANINGS = ("text", "label", "id", "dataset", "generator", "domain", "language", "attack")


def _column_options(command: Any) -> Any:
    for meaning in reversed(_MEANINGS):
        said = f"Column that holds the {meaning}. Default: {meaning}."
        command = click.option(f"--{meaning}-column", metavar="NAME", help=said)(command)
    return command


def _words(_: Any, __: Any, value: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (value or "").split(",") if word.strip())


def _rates(_: Any, __: Any, value: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in value.split(",") if word.strip())
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no list of rates such as 0.01,0.05") from error


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option("--detectors", required=True, callback=_words, metavar="LIST",
              help="Names, NAME@MODEL, NAME@SCORING+SAMPLING, package.module:callable; with"
              " commas.")  # fmt: skip
@click.option("--fpr", default="0.01,0.05", show_default=True, callback=_rates, metavar="RATES",
              help="False-positive rates at which to report.")  # fmt: skip
@click.option(
    "--calibration",
    multiple=True,
    metavar="FILE",
    help="What `provenance calibrate` made for one of the detectors. May be given again.",
)
@_column_options
@click.option("--labels", metavar="human=VALUE,ai=VALUE",
              help="What the label column means where it does not say human and ai.")  # fmt: skip
@click.option("--non-native", multiple=True, metavar="DOMAIN",
              help="Domain of non-native writers, reported apart. Default: those of the known"
              " learner corpora. May be given again.")  # fmt: skip
@click.option(
    "--price-per-hour", type=float, metavar="PRICE", help="Of this machine, for the cost."
)
@device_option
@click.option("--resamples", type=click.IntRange(min=1), default=1000, show_default=True,
              help="Of the bootstrap.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Of the bootstrap.")  # fmt: skip
@click.option(
    "--leave-one-out",
    type=click.Choice(["generator", "domain", "dataset"]),
    help="Fit calibration and fusion again without each of them, on other human texts.",
)
@out_option("scores, bench.json, bench.html")
@json_option
def bench(
    files: tuple[str, ...], as_json: bool, non_native: tuple[str, ...], **options: Any
) -> None:
    """Measure detectors on labelled texts.

    \b
    provenance bench raid/train.csv --detectors linear,perplexity@smollm2-135m --out bench/
    provenance bench own.csv --labels human=0,ai=1 --detectors linear,my_package:score --out own/

    RAID, MAGE and HC3 files are recognised; any other CSV, JSON Lines or Parquet file needs a text
    and a label column. A package.module:callable is looked for in the current folder too. Scores
    are kept: the same command again goes on, or only reports.
    """
    from provenance import api

    sys.path.append("")  # as python -m would: a detector may lie in the current folder
    columns = api.NamedColumns(**{one: options.pop(f"{one}_column") for one in _MEANINGS})
    if non_native:
        options["non_native"] = non_native
    result = api.bench(files, columns=columns, progress=True, **options)
    click.echo(result.json() if as_json else result.text())
