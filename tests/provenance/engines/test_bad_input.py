"""The nastiest crawl, end to end: each fault has its reason, and costs nothing but itself."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawls import Page, contents, prose, write_warc

import provenance
from provenance.errors import InputError, OutputError, PolicyError
from provenance.sources.inputs import list_inputs

GOOD = [Page(f"https://good.example/{i}", prose(i)) for i in range(3)]
FIRST, MIDDLE, LAST = (page.record() for page in GOOD)


def plain_warc(record: bytes) -> bytes:
    return gzip.decompress(record)


def relength(record: bytes, length: bytes) -> bytes:
    """The record, uncompressed, with another Content-Length."""
    head, _, rest = plain_warc(record).partition(b"Content-Length: ")
    return head + b"Content-Length: " + length + rest[rest.index(b"\r\n") :]


def page_of(body: bytes, encoding: str) -> bytes:
    """A response whose body is `body`, said to be encoded."""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n\r\n"
    block = http.encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:test:bomb>\r\n"
        "WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Target-URI: https://bad.example/\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def lines(*rows: bytes) -> bytes:
    good = [json.dumps({"text": page.text, "url": page.url}).encode() for page in GOOD]
    return b"\n".join([*good[:2], *rows, good[2], b""])


#: What a file holds; reasons of its records that are rejects; reasons that are no record;
#: how many of the good documents are read.
TABLE: dict[str, tuple[str, bytes, list[str], list[str], int]] = {
    "truncated gzip": ("a.warc.gz", FIRST + MIDDLE + LAST[:-60], ["truncated_record"], [], 2),
    "no byte": ("a.warc.gz", b"", [], ["empty_file"], 0),
    "not a WARC": (
        "a.warc.gz", b"hello, this is no archive " * 9, [], ["garbage_bytes", "no_records"], 0,
    ),
    "garbage between records": (
        "a.warc.gz", FIRST + b"\x00" * 999 + MIDDLE + LAST, [], ["garbage_bytes"], 3,
    ),
    "Content-Length too large": (
        "a.warc",
        plain_warc(FIRST) + relength(MIDDLE, b"99999") + plain_warc(LAST),
        ["damaged_record"], [], 2,
    ),
    "Content-Length too small": (
        "a.warc",
        plain_warc(FIRST) + relength(MIDDLE, b"200") + plain_warc(LAST),
        ["damaged_record"], [], 2,
    ),
    "a declared gigabyte": (
        "a.warc",
        plain_warc(FIRST) + relength(MIDDLE, b"1073741824") + plain_warc(LAST),
        ["record_too_large"], [], 2,
    ),
    "a body that is a gzip bomb": (
        "a.warc.gz",
        FIRST + page_of(gzip.compress(b"\x00" * (65 << 20), 1), "gzip") + MIDDLE + LAST,
        ["decompression_bomb"], [], 3,
    ),
    "a body that is not what it says": (
        "a.warc.gz",
        FIRST + page_of(b"\x1f\x8b\x08\x00" + b"\xff" * 99, "gzip") + MIDDLE + LAST,
        ["undecodable_body"], [], 3,
    ),
    "an unknown charset": (
        "a.warc.gz",
        Page(GOOD[0].url, GOOD[0].text, media_type="text/html; charset=klingon").record()
        + MIDDLE + LAST,
        [], [], 3,
    ),
    "NUL bytes in a page": (
        "a.warc.gz",
        Page(GOOD[0].url, GOOD[0].text.replace(" ", " \x00", 5)).record() + MIDDLE + LAST,
        [], [], 3,
    ),
    "a line of NUL bytes": ("a.jsonl", lines(b"\x00" * 40), ["invalid_json"], [], 3),
    "invalid UTF-8": ("a.jsonl", lines(b'{"text": "\xff\xfe"}'), ["invalid_utf8"], [], 3),
    "a line without the column": ("a.jsonl", lines(b'{"body": "x"}'), ["no_text_field"], [], 3),
    "a number for a text": ("a.jsonl", lines(b'{"text": 5}'), ["text_not_string"], [], 3),
    "a list for an object": ("a.jsonl", lines(b"[1, 2]"), ["invalid_json"], [], 3),
    "lists a thousand deep": ("a.jsonl", lines(b"[" * 9999), ["invalid_json"], [], 3),
    "a Parquet file cut short": ("a.parquet", b"PAR1" + b"\x00" * 99, [], ["no_records"], 0),
}  # fmt: skip


@pytest.mark.parametrize("fault", TABLE)
def test_a_fault_has_its_reason_and_costs_nothing_else(
    fault: str, tmp_path: Path, plain: Path
) -> None:
    name, data, rejected, faults, n_good = TABLE[fault]
    (tmp_path / "crawl").mkdir()
    (tmp_path / "crawl" / name).write_bytes(data)
    write_warc(tmp_path / "crawl" / "other.warc.gz", [Page("https://other.example/", prose(9))])

    result = provenance.clean(tmp_path / "crawl", out=tmp_path / "out", policy=plain, workers=1)

    ledger = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    decisions = pq.read_table(tmp_path / "out" / "decisions.parquet").to_pylist()
    assert [row["reason"] for row in ledger if row["is_record"]] == rejected
    assert sorted(row["reason"] for row in ledger if not row["is_record"]) == faults
    assert sum(row["decision"] == "keep" for row in decisions) == n_good + 1
    assert result.manifest["summary"]["records"] == len(decisions) + len(rejected)


def test_parquet_with_numbers_for_texts_is_refused_by_name(tmp_path: Path, plain: Path) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "a.parquet")

    with pytest.raises(InputError, match=r"a\.parquet: column 'text' is int64, not text"):
        provenance.clean(tmp_path / "a.parquet", out=tmp_path / "out", policy=plain)


POLICIES = {
    "version: 1\nversion: 1\n": "policy.yaml:2: key 'version' is given twice; first on line 1",
    "version: 1\nx: &a [*a]\n": "policy.yaml:2: anchors and aliases (& and *) are not allowed",
    'version: 1\ndrop: [{when: "n_char > 1", reason: x}]\n': "no column 'n_char'",
    'version: 1\ndrop: [{when: "n_chars <", reason: x}]\n': "no valid SQL",
    'version: 1\ndrop: [{when: "(select 1) = 1", reason: x}]\n': "a subquery is not allowed",
    "\0": "policy.yaml:1: the character U+0000 is not allowed",
    "": "policy.yaml:1: the policy is empty",
}


@pytest.mark.parametrize("text", POLICIES)
def test_a_policy_that_means_nothing_is_refused_with_its_line(
    text: str, crawl: Path, tmp_path: Path
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)

    with pytest.raises(PolicyError) as caught:
        provenance.clean(crawl, out=tmp_path / "out", policy=path)

    assert POLICIES[text] in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_asked_wrongly(tmp_path: Path, plain: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError, match="no file to read was found"):
        provenance.clean(tmp_path / "empty", out=tmp_path / "out", policy=plain)


def test_an_empty_name_is_not_this_folder(tmp_path: Path, plain: Path) -> None:
    with pytest.raises(InputError, match="an empty name was given"):
        provenance.clean([""], out=tmp_path / "out", policy=plain)


@pytest.mark.parametrize("place", [".", "out", "deep/er/out", "a.warc.gz"])
def test_an_out_that_the_next_run_would_read_is_refused(
    place: str, crawl: Path, plain: Path
) -> None:
    inputs = crawl / "a.warc.gz" if place == "a.warc.gz" else crawl
    before = contents(crawl)

    with pytest.raises(OutputError, match="lies inside the input"):
        provenance.clean(inputs, out=crawl / place, policy=plain, workers=1)

    assert contents(crawl) == before


def test_a_file_name_may_hold_any_unicode(tmp_path: Path, plain: Path) -> None:
    name = "crawl ü 日本\u202e'\"[1]\n.warc.gz"
    write_warc(tmp_path / "crawl" / name, GOOD)

    provenance.clean(tmp_path / "crawl", out=tmp_path / "ö ☃", policy=plain, workers=1)

    sources = pq.read_table(tmp_path / "ö ☃" / "decisions.parquet").column("source_uri")
    assert set(sources.to_pylist()) == {str(tmp_path / "crawl" / name)}


def test_a_file_name_that_is_not_utf_8_is_refused_by_name(tmp_path: Path, plain: Path) -> None:
    write_warc(tmp_path / "crawl" / "\udcff.warc.gz", GOOD)

    with pytest.raises(InputError, match=r"\\udcff\.warc\.gz: the file name is not UTF-8"):
        provenance.clean(tmp_path / "crawl", out=tmp_path / "out", policy=plain)


def test_an_unread_file_whose_name_is_not_utf_8_stops_nothing(tmp_path: Path, plain: Path) -> None:
    write_warc(tmp_path / "crawl" / "a.warc.gz", GOOD)
    (tmp_path / "crawl" / "\udcff.jpg").write_bytes(b"\xff\xd8")

    result = provenance.clean(tmp_path / "crawl", out=tmp_path / "out", policy=plain, workers=1)

    assert "\\udcff.jpg: of no known format" in result.text()


def opened_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    opened = 0
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        nonlocal opened
        opened += 1
        return real(descriptor)

    monkeypatch.setattr("provenance.sources.open.os.fstat", fstat)
    assert len(list_inputs([str(folder)]).files) == len(list(folder.iterdir()))
    return opened


def test_listing_ten_thousand_files_opens_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(10_000):
        (tmp_path / f"{index}.jsonl").write_bytes(b'{"text":"x"}\n')

    assert opened_files(tmp_path, monkeypatch) == 10_000


# --- what happens between two runs ---


#: Runs `clean` in a process that may write no file larger than the given number of bytes.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from provenance.cli.main import main
sys.argv[1:] = sys.argv[2:]
main()
"""


def limited(limit_bytes: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit_bytes), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("limit_bytes", "file"), [(100, "request.json"), (3000, "part-")])
def test_a_full_disk_is_said_in_one_line_and_the_next_run_finishes(
    limit_bytes: int, file: str, crawl: Path, tmp_path: Path, plain: Path
) -> None:
    provenance.clean(crawl, out=tmp_path / "whole", policy=plain, workers=1)
    request = ["clean", str(crawl), "--policy", str(plain), "--workers", "1"]

    full = limited(limit_bytes, *request, "--out", str(tmp_path / "full"))
    provenance.clean(str(crawl), out=tmp_path / "full", policy=plain, workers=1)

    assert (full.returncode, full.stderr.count("\n")) == (1, 1)
    assert f"no space left to write {file}" in full.stderr
    assert "make room and run the same command again" in full.stderr
    assert contents(tmp_path / "full") == contents(tmp_path / "whole")


def half_done(crawl: Path, out: Path, plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that stops after its first slice."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("provenance.engines.score.find_duplicates", stop)
        with pytest.raises(KeyboardInterrupt):
            provenance.clean(crawl, out=out, policy=plain, workers=1)


def vanish(path: Path) -> None:
    path.unlink()


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + FIRST)


@pytest.mark.parametrize("change", [vanish, grow])
def test_an_input_that_changed_between_two_runs_is_not_mixed_with_what_it_was(
    change: Callable[[Path], None],
    crawl: Path,
    tmp_path: Path,
    plain: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half_done(crawl, tmp_path / "out", plain, monkeypatch)
    before = contents(tmp_path / "out")
    change(crawl / "b.warc.gz")

    with pytest.raises(OutputError, match=r"another request \(other inputs"):
        provenance.clean(crawl, out=tmp_path / "out", policy=plain, workers=1)

    assert contents(tmp_path / "out") == before


def test_a_named_input_that_is_gone_is_named(crawl: Path, tmp_path: Path, plain: Path) -> None:
    inputs = [crawl / "a.warc.gz", crawl / "b.warc.gz"]
    provenance.clean(inputs, out=tmp_path / "out", policy=plain, workers=1)
    (crawl / "b.warc.gz").unlink()

    with pytest.raises(InputError, match=r"b\.warc\.gz: does not exist"):
        provenance.clean(inputs, out=tmp_path / "out", policy=plain, workers=1)


def test_other_batches_leave_the_copy_of_the_first_alone(tmp_path: Path, plain: Path) -> None:
    first = pa.record_batch({"text": [prose(i) for i in range(3)]})
    provenance.clean(first, out=tmp_path / "out", policy=plain, workers=1)
    before = contents(tmp_path / "out")

    with pytest.raises(OutputError, match="another request"):
        provenance.clean(first.slice(1), out=tmp_path / "out", policy=plain, workers=1)

    assert contents(tmp_path / "out") == before


# --- processes that die ---


#: A run with two workers of which the first to begin a slice kills itself, once.
SUICIDE = """
import os, signal, sys
from pathlib import Path
import provenance.engines.local as local
from provenance.engines.task import run_slice

def die_once(plan_path, index, **options):
    mark = plan_path.parent / ".died"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_slice(plan_path, index, **options)

local.run_slice = die_once
if __name__ == "__main__":
    import provenance
    provenance.clean(
        sys.argv[1], out=sys.argv[2], policy=sys.argv[3], workers=2, slice_bytes=2000
    )
"""


def test_a_killed_worker_costs_nothing(crawl: Path, tmp_path: Path, plain: Path) -> None:
    provenance.clean(crawl, out=tmp_path / "whole", policy=plain, workers=1, slice_bytes=2000)
    script = tmp_path / "suicide.py"
    script.write_text(SUICIDE)

    subprocess.run(
        [sys.executable, str(script), str(crawl), str(tmp_path / "out"), str(plain)], check=True
    )

    assert (tmp_path / "out" / "scored" / ".died").exists()
    (tmp_path / "out" / "scored" / ".died").unlink()
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


#: Interrupts itself and its workers, as a terminal does, when the first slice is finished.
INTERRUPTED = """
import os, signal, sys
import provenance.engines.local as local
from provenance.engines.store import Store

def manifest(outcome, shard, *, attempt):
    os.killpg(0, signal.SIGINT)
    return outcome

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job begins deaf to it
    local._manifest = manifest
    from provenance.cli.main import main
    main()
"""


def test_ctrl_c_is_one_line_and_its_own_exit_status(
    crawl: Path, tmp_path: Path, plain: Path
) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED)
    request = ["clean", str(crawl), "--policy", str(plain), "--out", str(tmp_path / "out")]

    stopped = subprocess.run(
        [sys.executable, str(script), *request, "--workers", "2", "--slice-bytes", "2000"],
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )

    assert (stopped.returncode, stopped.stdout) == (130, "")
    assert stopped.stderr == "interrupted: run the same command again to go on\n"


#: Says the ids of its workers, then is killed.
KILLED = """
import multiprocessing, os, signal, sys
import provenance.engines.local as local

def manifest(outcome, shard, *, attempt):
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    local._manifest = manifest
    import provenance
    provenance.clean(
        sys.argv[1], out=sys.argv[2], policy=sys.argv[3], workers=2, slice_bytes=2000
    )
"""


def test_workers_do_not_outlive_a_killed_run(crawl: Path, tmp_path: Path, plain: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)

    # The workers hold the write end of the pipe: reading to its end waits for the last of them.
    killed = subprocess.run(
        [sys.executable, str(script), str(crawl), str(tmp_path / "out"), str(plain)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert len(killed.stdout.split()) == 2


# --- text that a terminal would obey ---


HOSTILE = "https://evil.example/\x1b[2J\x9b31m\x07\u202egpj\nKEPT"


@pytest.fixture
def hostile(tmp_path: Path, plain: Path) -> Path:
    given = pa.record_batch({"text": [prose(1)], "url": [HOSTILE]})
    provenance.clean(given, out=tmp_path / "hostile", policy=plain, workers=1)
    return tmp_path / "hostile"


def obeyed(text: str) -> list[str]:
    return [c for c in text if c != "\n" and (c < " " or "\x7f" <= c < "\xa0" or c == "\u202e")]


def test_an_explanation_holds_nothing_that_a_terminal_obeys(hostile: Path) -> None:
    (found,) = provenance.explain(hostile, HOSTILE)

    first = found.text().splitlines()[0]
    assert first.startswith(
        "https://evil.example/\\u001b[2J\\u009b31m\\u0007\\u202egpj\\nKEPT  (doc"
    )
    assert obeyed(found.text() + found.json()) == []
    assert json.loads(found.json())["url"] == found.facts["url"] == HOSTILE


def test_an_error_message_holds_nothing_that_a_terminal_obeys(hostile: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "provenance.cli.main", "explain", str(hostile), HOSTILE + "x"],
        capture_output=True,
        check=False,
    )

    assert refused.returncode == 2
    assert obeyed(refused.stderr.decode()) == []


# --- the library, called wrongly ---


WRONG: dict[str, tuple[object, dict[str, object], type[Exception], str]] = {
    "misspelt option": ([], {"extracter": "x"}, TypeError, "'extracter'"),
    "no worker": ([], {"workers": 0}, InputError, "workers: is 0"),
    "no byte": ([], {"slice_bytes": 0}, InputError, "slice_bytes: is 0"),
    "half a row": ([], {"batch_size": 1.5}, InputError, "batch_size: is 1.5"),
    "no batch": (iter([]), {}, InputError, "none was given"),
    "no batches": ([1, 2], {}, InputError, "batches: holds a int"),
    "other columns": (
        [pa.record_batch({"text": ["x"]}), pa.record_batch({"text": ["x"], "url": ["y"]})],
        {}, InputError, "other columns than the first: text, url",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_call_is_refused_in_words(mistake: str, tmp_path: Path) -> None:
    inputs, options, kind, message = WRONG[mistake]

    with pytest.raises(kind) as caught:
        provenance.clean(inputs, out=tmp_path / "out", **options)  # type: ignore[call-overload]

    assert message in str(caught.value)


def test_files_cannot_be_scored_into_nowhere(crawl: Path) -> None:
    with pytest.raises(OutputError, match="out: is missing"):
        provenance.score(str(crawl))  # type: ignore[call-overload]


def test_batches_score_the_same_as_a_stream_and_as_a_store(tmp_path: Path) -> None:
    given = pa.table({"text": [prose(i) for i in range(5)], "id": [f"n{i}" for i in range(5)]})
    provenance.score(given, out=tmp_path / "scored", workers=1)
    stored = pq.read_table(tmp_path / "scored" / "documents").drop(["source_uri", "doc_id"])

    streamed = pa.Table.from_batches(provenance.score(given.to_batches(max_chunksize=2)))

    assert streamed.drop(["source_uri", "doc_id"]).equals(stored)
