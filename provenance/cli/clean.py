"""`provenance clean`"""

from __future__ import annotations

from typing import Any

import click

from provenance.cli.options import (
    json_option,
    out_option,
    policy_option,
    reference_options,
    scoring_options,
)


@click.command()
@scoring_options
@policy_option
@reference_options
@out_option("the dataset")
@json_option
def clean(inputs: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Turn crawl shards into a filtered, deduplicated, tiered, balanced dataset.

    \b
    provenance clean crawl/ --out clean/
    provenance clean 's3://bucket/*.warc.gz' --policy policy.yaml --out clean/
    cat forum.jsonl | provenance clean - --out clean/
    provenance clean crawl/ --anchor early/ --out clean/

    IN is a file, folder, glob, URL, list of paths (warc.paths.gz) or - for standard input:
    WARC, ARC, WET, JSON Lines or Parquet. Run it again to go on after an interruption.
    """
    from provenance import api

    result = api.clean(inputs, progress=True, **options)
    click.echo(result.json() if as_json else result.text())
