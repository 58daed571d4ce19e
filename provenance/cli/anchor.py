"""`provenance anchor build | add | merge | info | query`"""

from __future__ import annotations

from typing import Any

import click

from provenance.cli.options import json_option, out_option, scoring_options


@click.group()
def anchor() -> None:
    """Make and ask anchors: archives of early text that lend their dates to later copies."""


@anchor.command()
@scoring_options
@out_option("the anchor")
@json_option
def build(inputs: tuple[str, ...], out: str, as_json: bool, **options: Any) -> None:
    """Make an anchor of archives of early text, with their capture dates.

    \b
    provenance anchor build crawl-2019/ --out early/
    provenance clean crawl/ --anchor early/ --out clean/
    """
    from provenance import api

    result = api.anchor_build(inputs, out=out, progress=True, **options)
    click.echo(result.json() if as_json else result.text())


@anchor.command()
@click.argument("anchor", metavar="ANCHOR")
@scoring_options
@json_option
def add(anchor: str, inputs: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Put further archives into ANCHOR.

    \b
    provenance anchor add early/ books.parquet
    """
    from provenance import api

    result = api.anchor_add(anchor, inputs, progress=True, **options)
    click.echo(result.json() if as_json else result.text())


@anchor.command()
@click.argument("anchors", nargs=-1, required=True, metavar="ANCHOR...")
@out_option("the anchor")
@json_option
def merge(anchors: tuple[str, ...], out: str, as_json: bool) -> None:
    """Make one anchor that holds what several hold.

    \b
    provenance anchor merge early/ books/ --out all/
    """
    from provenance import api

    result = api.anchor_merge(anchors, out=out)
    click.echo(result.json() if as_json else result.text())


@anchor.command()
@click.argument("anchor", metavar="ANCHOR")
@json_option
def info(anchor: str, as_json: bool) -> None:
    """Say what ANCHOR holds.

    \b
    provenance anchor info early/
    """
    from provenance import api

    result = api.anchor_info(anchor)
    click.echo(result.json() if as_json else result.text())


@anchor.command()
@click.argument("anchor", metavar="ANCHOR")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--text", metavar="TEXT", help="Ask for this text instead of a file's.")
def query(anchor: str, file: Any, text: str | None) -> None:
    """Say which archived documents hold a plain text, and whether one lends it a date.

    \b
    provenance anchor query early/ page.txt
    provenance anchor query early/ --text "It was the best of times, it was the worst of times, it"
    """
    from provenance import api
    from provenance.report.anchor import render_matches

    if (file is None) == (text is None):
        raise click.UsageError("give FILE or --text, and not both")
    asked = text if text is not None else file.read().decode("utf-8", "replace")
    click.echo(render_matches(api.anchor_query(anchor, [asked])[0]))
