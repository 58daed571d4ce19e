"""`provenance review` and `provenance review import`"""

from __future__ import annotations

import click

from provenance.cli.options import json_option, out_option


class ReviewGroup(click.Group):
    """A group that takes whatever is no command of its own for the dataset to sample."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            args = ["sample", *args]
        return super().resolve_command(context, args)


@click.group(cls=ReviewGroup, subcommand_metavar="OUT --out REVIEW | import CSV... --out VERDICTS")
def review() -> None:
    """Have people judge a sample of documents, and take their verdicts back.

    \b
    provenance review clean/ --sample 200 --near-threshold --out review/
    provenance review import verdicts.csv --review review/ --out verdicts/
    provenance mix clean/scored --verdicts verdicts/ --out judged/
    """


@review.command()
@click.argument("dataset", metavar="OUT")
@click.option("--sample", type=click.IntRange(1, 5_000), default=200, show_default=True,
              help="Documents to judge.")  # fmt: skip
@click.option("--near-threshold", is_flag=True,
              help="Those whose detection is closest to the policy's false-positive rate; else as"
              " many of each decision, reason and tier.")  # fmt: skip
@out_option("the page and the tables")
def sample(dataset: str, sample: int, near_threshold: bool, out: str) -> None:
    """Make a page (and CSV) of documents for people to judge.

    \b
    provenance review clean/ --sample 200 --near-threshold --out review/
    provenance review sample import/ --out review/    # in full, for a folder called import

    What the program found is hidden on the page until a document is judged.
    """
    from provenance import api

    result = api.review(dataset, out=out, sample=sample, near_threshold=near_threshold)
    click.echo(result.text())


@review.command("import")
@click.argument("verdicts", metavar="CSV...", nargs=-1, required=True)
@click.option("--review", "review_folder", metavar="FOLDER",
              help="What `review` made. Default: the folder of the first CSV.")  # fmt: skip
@out_option("the verdicts")
@json_option
def import_(verdicts: tuple[str, ...], review_folder: str | None, out: str, as_json: bool) -> None:
    """Check and keep verdicts, and say how far people agree with the machine.

    \b
    provenance review import verdicts.csv --review review/ --out verdicts/
    """
    from provenance import api

    result = api.review_import(verdicts, review=review_folder, out=out)
    click.echo(result.json() if as_json else result.text())
