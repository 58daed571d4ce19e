"""`prove`, `sign` and `verify` as a user runs them: exact words, exit statuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import provenance
from provenance.cli.main import cli, main


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def out(crawl: Path, tmp_path: Path, plain: Path) -> Path:
    provenance.clean([crawl], out=tmp_path / "out", policy=plain, workers=1)
    return tmp_path / "out"


def root_of(out: Path) -> str:
    root: str = json.loads((out / "manifest.json").read_text())["merkle"]["root"]
    return root


def test_an_intact_dataset_is_exit_0(out: Path) -> None:
    result = invoke("verify", str(out))

    n_files = len(json.loads((out / "manifest.json").read_text())["files"])
    assert (result.exit_code, result.stdout) == (
        0,
        f"{out}: {n_files} files, 27 decisions\n"
        f"Merkle root {root_of(out)}\n"
        "signature: unsigned\n"
        "nothing is wrong\n",
    )


def test_a_changed_file_is_exit_1_with_its_name(out: Path) -> None:
    (out / "README.md").write_text("Better numbers.")

    result = invoke("verify", str(out))

    assert result.exit_code == 1
    assert "1 finding\n" in result.stdout
    assert "README.md  changed_file  the bytes of the file are not those" in result.stdout


def test_findings_are_json_for_machines(out: Path) -> None:
    (out / "data" / "part-00000.parquet").unlink()

    result = invoke("verify", str(out), "--json")

    value = json.loads(result.stdout)
    assert (result.exit_code, value["is_intact"], value["decisions"]) == (1, False, 27)
    assert [finding["code"] for finding in value["findings"]] == [
        "missing_file",
        "missing_documents",
    ]


def test_a_printed_proof_is_checked_with_the_root_alone(out: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    proof.write_text(invoke("prove", str(out), "https://new.example/short").stdout)
    root = root_of(out)
    shutil.rmtree(out)

    result = invoke("verify", "--proof", str(proof), "--root", root)
    other = invoke("verify", "--proof", str(proof), "--root", "0" * 64)

    doc_id = json.loads(proof.read_text())["document"]["doc_id"]
    assert (result.exit_code, result.stdout) == (
        0,
        f"proof: https://new.example/short (doc_id {doc_id}): drop (too_short)\nnothing is wrong\n",
    )
    assert (other.exit_code, "forged_proof" in other.stdout) == (1, True)


def test_keys_made_by_openssl_sign_and_verify(out: Path, tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl")
    key, public = str(tmp_path / "key.pem"), str(tmp_path / "key.pub.pem")
    for command in (
        [openssl, "genpkey", "-algorithm", "ed25519", "-out", key],
        [openssl, "pkey", "-in", key, "-pubout", "-out", public],
    ):
        subprocess.run(command, check=True, capture_output=True)

    signed = invoke("sign", str(out), "--key", key)
    verified = invoke("verify", str(out), "--key", public)

    assert (signed.exit_code, signed.stdout) == (0, f"wrote {out}/manifest.dsse.json\n")
    assert verified.exit_code == 0
    assert ", checked\n" in verified.stdout


def test_nothing_to_check_is_asked_wrongly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["provenance", "verify"])

    with pytest.raises(SystemExit) as caught:
        main()

    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        "error: verify: nothing to check was given (accepted: a dataset; or --proof with --root)\n"
    )
