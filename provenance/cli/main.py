"""The `provenance` command."""

from __future__ import annotations

import sys
from typing import Any

import click

from provenance import __version__
from provenance.cli.anchor import anchor
from provenance.cli.bench import bench
from provenance.cli.calibrate import calibrate
from provenance.cli.clean import clean
from provenance.cli.diff import diff
from provenance.cli.estimate import estimate
from provenance.cli.explain import explain
from provenance.cli.keyring import keyring
from provenance.cli.mix import mix
from provenance.cli.policy import policy
from provenance.cli.prove import prove
from provenance.cli.review import review
from provenance.cli.score import score
from provenance.cli.sign import sign
from provenance.cli.train import train
from provenance.cli.verify import verify
from provenance.errors import ProvenanceError
from provenance.report.printable import printable


class Commands(click.Group):
    """A group of commands that Ctrl-C ends with one line and the shell's exit status for it."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            click.echo("interrupted: run the same command again to go on", err=True)
            context.exit(130)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="provenance")
def cli() -> None:
    """Keep AI-generated text out of training data.

    \b
    provenance clean crawl/ --out clean/
    provenance explain clean/ https://example.org/page

    Exit status: 0 done, 1 failed, 2 asked wrongly, 130 interrupted.
    """


for command in (
    clean, score, mix, calibrate, estimate, explain, diff, review, prove, verify, sign, anchor,
    policy, keyring, bench, train,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line; an expected failure is one message on stderr and its exit status."""
    try:
        cli()
    except ProvenanceError as error:
        click.echo(printable(f"error: {error}"), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
