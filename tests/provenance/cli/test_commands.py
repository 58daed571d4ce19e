"""The command line: exact words, clean output, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from provenance.cli.main import cli
from provenance.errors import ProvenanceError


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The installed command, as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "provenance.cli.main", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )


def commands(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix}{name} ")
        else:
            found.append((prefix + name, command))
    return found


@pytest.mark.parametrize(("name", "command"), commands(cli))
def test_every_command_begins_its_help_with_an_example(name: str, command: click.Command) -> None:
    assert f"provenance {name}" in (command.help or "")


@pytest.mark.parametrize(("name", "command"), commands(cli))
def test_every_command_is_in_the_readme(name: str, command: click.Command) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")

    assert f"provenance {name.split(maxsplit=1)[0]}" in readme


@pytest.mark.parametrize(("name", "command"), commands(cli))
def test_every_option_has_help(name: str, command: click.Command) -> None:
    options = [p for p in command.params if isinstance(p, click.Option)]

    assert [o.name for o in options if not o.help] == []


def test_clean_prints_where_everything_went(crawl: Path, tmp_path: Path, plain: Path) -> None:
    result = run(
        "clean",
        str(crawl),
        "--policy",
        str(plain),
        "--out",
        str(tmp_path / "out"),
        "--workers",
        "1",
    )

    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode().startswith(
        "28 records in 2 files = 27 documents + 1 reject\n27 documents = 24 kept ("
    )


def test_json_is_the_manifest(crawl: Path, tmp_path: Path, plain: Path) -> None:
    out = tmp_path / "out"
    result = invoke(
        "clean", str(crawl), "--policy", str(plain), "--out", str(out), "--workers", "1", "--json"
    )

    assert json.loads(result.stdout) == json.loads((out / "manifest.json").read_text())


def test_standard_input_is_read(tmp_path: Path, plain: Path) -> None:
    lines = b"".join(
        json.dumps(
            {"text": f"{i} " + "plain words " * 40, "url": f"https://a.example/{i}"}
        ).encode()
        + b"\n"
        for i in range(3)
    )

    result = run("clean", "-", "--policy", str(plain), "--out", str(tmp_path / "out"), stdin=lines)

    assert (result.returncode, result.stderr) == (0, b"")
    assert pq.read_metadata(tmp_path / "out" / "decisions.parquet").num_rows == 3


def test_score_then_mix(crawl: Path, tmp_path: Path, plain: Path) -> None:
    scored = invoke("score", str(crawl), "--out", str(tmp_path / "scored"), "--workers", "1")

    mixed = invoke(
        "mix", str(tmp_path / "scored"), "--policy", str(plain), "--out", str(tmp_path / "out")
    )

    assert "28 records in 2 files = 27 documents" in scored.stdout
    assert "27 documents = 24 kept" in mixed.stdout


def test_a_wrong_request_is_one_message_and_exit_status_2(tmp_path: Path) -> None:
    result = run("clean", str(tmp_path / "nowhere.warc.gz"), "--out", str(tmp_path / "out"))

    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().startswith("error: ")
    assert "nowhere.warc.gz" in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()


def test_an_unfinished_store_cannot_be_mixed(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="no scored store is here"):
        CliRunner().invoke(
            cli, ["mix", str(tmp_path), "--out", str(tmp_path / "out")], catch_exceptions=False
        )


def test_policy_init_writes_a_policy_that_checks(tmp_path: Path) -> None:
    path = str(tmp_path / "policy.yaml")

    assert invoke("policy", "init", path).stdout == f"wrote {path}\n"
    assert invoke("policy", "check", path).stdout == f"{path}: no problems\n"


def test_policy_init_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("mine")

    result = run("policy", "init", str(path))

    assert (result.returncode, path.read_text()) == (2, "mine")
    assert result.stderr.decode() == f"error: {path}: exists already (accepted: a new file)\n"


def test_policy_check_reports_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("version: 1\ncutof: 2022-01-01\nseed: x\n")

    result = run("policy", "check", str(path))

    assert result.returncode == 2
    assert result.stderr.decode().count(str(path)) == 2


def test_policy_schema_is_json() -> None:
    assert json.loads(invoke("policy", "schema").stdout)["title"] == "Policy"
