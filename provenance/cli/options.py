"""Options that several commands share, worded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_SCORING = (
    click.argument("inputs", nargs=-1, required=True, metavar="IN..."),
    click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: every core."),
    click.option(
        "--extractor",
        type=click.Choice(["resiliparse", "trafilatura"]),
        default="resiliparse",
        show_default=True,
        help="What finds the main text of a page.",
    ),
    click.option("--tokenizer", metavar="FILE", help="tokenizer.json for exact token counts."),
    click.option("--keyring", metavar="FILE", help="Watermark keys to try on every text."),
    click.option("--trust-anchors", metavar="FILE",
                 help="Certificates (PEM) of those whose content credentials are trusted."),
    click.option("--mask-generated", is_flag=True,
                 help="Leave out of a text what elements of its page declare generated."),
    click.option("--calibration", metavar="FILE",
                 help="What `calibrate` made of your own human texts, to read scores with."),
    click.option("--text-column", metavar="NAME", help="Column that holds the text."),
    click.option("--url-column", metavar="NAME", help="Column that holds the address."),
    click.option("--date-column", metavar="NAME", help="Column that holds the capture date."),
    click.option("--id-column", metavar="NAME", help="Column that holds the record's own id."),
    click.option("--base", metavar="URL", help="Where the paths of a warc.paths list begin."),
    click.option("--batch-size", type=click.IntRange(min=1), default=1024, show_default=True,
                 help="Documents per batch. Changes memory and speed, never the result."),
    click.option("--slice-bytes", type=click.IntRange(min=1), default=64 * 2**20,
                 show_default=True, help="Input bytes per unit of work."),
    click.option("--limit-record-bytes", type=click.IntRange(min=1), default=64 * 2**20,
                 show_default=True, help="Largest record read; larger ones are rejects."),
)  # fmt: skip

policy_option = click.option(
    "--policy", "policy", metavar="FILE", help="Policy file. Default: the built-in policy."
)
_REFERENCES = (
    click.option("--anchor", multiple=True, metavar="FOLDER",
                 help="Anchor that dates later copies of its texts. May be given again."),
    click.option("--exclude", multiple=True, metavar="BENCHMARK",
                 help="File with a text column, or anchor, whose items no document may contain."),
    click.option("--against", multiple=True, metavar="FOLDER",
                 help="Dataset of an earlier run: what it holds already is a duplicate."),
    click.option("--verdicts", multiple=True, metavar="FOLDER",
                 help="What `review import` made: people's verdicts are decisive evidence."),
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


device_option = click.option(
    "--device", default="cpu", show_default=True, metavar="NAME",
    help="Where the models of NAME@MODEL run: cpu, cuda or cuda:N.",
)  # fmt: skip


def out_option(what: str) -> Callable[[Command], Command]:
    """The --out option, with what the folder will hold."""
    return click.option("--out", required=True, metavar="FOLDER", help=f"Folder for {what}.")


def reference_options(command: Command) -> Command:
    """The options that bring in what lies outside the crawl."""
    for option in reversed(_REFERENCES):
        command = option(command)
    return command


def scoring_options(command: Command) -> Command:
    """The input argument and every option of reading and scoring."""
    for option in reversed(_SCORING):
        command = option(command)
    return command
