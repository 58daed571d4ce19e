"""Documents go out to be judged and verdicts come back, checked."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from browsing import BROWSER, opened
from click.testing import CliRunner
from crawls import Page, prose, write_warc

import provenance
from detectors.classifier.examples import read_jsonl
from provenance.cli.main import cli


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("review")
    pages = [Page(f"https://old.example/{i}", prose(i), "2019-01-01T00:00:00Z") for i in range(9)]
    pages += [Page(f"https://new.example/{i}?<b>", prose(100 + i)) for i in range(9)]
    pages += [
        Page("https://new.example/formula", "=HYPERLINK(1) &lt;script&gt; " + prose(300)),
        Page("https://new.example/short", "Too short."),
    ]
    write_warc(root / "crawl.warc.gz", pages)
    provenance.clean(root / "crawl.warc.gz", out=root / "out", workers=1)
    return root / "out"


@pytest.fixture
def review(dataset: Path, tmp_path: Path) -> Path:
    provenance.review(dataset, out=tmp_path / "review", sample=12)
    return tmp_path / "review"


def judge(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    """A CSV of (doc_id, verdict, reviewer)."""
    lines = ["doc_id,verdict,reviewer,note", *(f"{d},{v},{r}," for d, v, r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ids_of(review: Path) -> list[str]:
    return [one.as_py().hex() for one in pq.read_table(review / "sample.parquet")["doc_id"]]


def test_the_sample_takes_as_many_of_each_class_and_is_the_same_again(
    dataset: Path, review: Path, tmp_path: Path
) -> None:
    provenance.review(dataset, out=tmp_path / "again", sample=12)
    sample = pq.read_table(review / "sample.parquet")
    classes = set(zip(*(sample[name].to_pylist() for name in ("reason", "tier")), strict=True))

    assert sample.num_rows == 12
    assert len(classes) == len(
        {
            (row["reason"], row["tier"])
            for row in pq.read_table(dataset / "decisions.parquet").to_pylist()
        }
    )
    for path in review.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_near_the_threshold_means_the_closest_scores(dataset: Path, tmp_path: Path) -> None:
    provenance.review(dataset, out=tmp_path / "near", sample=4, near_threshold=True)
    scored = [
        row["human_tail"]
        for part in (dataset / "scored" / "documents").glob("*.parquet")
        for row in pq.read_table(part, columns=["human_tail"]).to_pylist()
        if row["human_tail"] is not None
    ]
    drawn = pq.read_table(tmp_path / "near" / "sample.parquet")["human_tail"].to_pylist()

    farthest = max(max(tail / 0.01, 0.01 / tail) for tail in drawn)
    assert sum(max(tail / 0.01, 0.01 / tail) < farthest for tail in scored) <= 3


def test_the_tables_to_judge_say_nothing_of_the_machine(review: Path) -> None:
    with (review / "review.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["doc_id"] for row in rows] == sorted(ids_of(review))
    assert {row["verdict"] for row in rows} == {""}
    assert not rows[0].keys() & {"decision", "reason", "tier", "p_synthetic", "human_tail"}


def test_no_cell_is_a_formula(dataset: Path, tmp_path: Path) -> None:
    provenance.review(dataset, out=tmp_path / "all", sample=50)
    with (tmp_path / "all" / "review.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


def test_the_page_hides_what_the_program_found(review: Path) -> None:
    page = (review / "review.html").read_text(encoding="utf-8")

    assert page.count("<details hidden") == page.count("<details") == 12
    assert page.count('type="radio"') == 48
    assert "?&lt;b&gt;" in page
    assert page.count("<script>") == 1


def test_verdicts_come_back_with_the_agreement(review: Path, tmp_path: Path) -> None:
    ids = ids_of(review)
    rows = [(ids[0], "human", "ann"), (ids[0], "human", "bob"), (ids[1], "Machine", "ann"),
            (ids[2], "", "ann"), (ids[3], "mixed", "")]  # fmt: skip
    given = judge(review / "verdicts.csv", rows)

    result = provenance.review_import(given, out=tmp_path / "verdicts")
    table = pq.read_table(tmp_path / "verdicts" / "verdicts.parquet").to_pylist()

    assert [(row["doc_id"].hex(), row["verdict"], row["reviewer"]) for row in table] == sorted(
        [(ids[0], "human", "ann"), (ids[0], "human", "bob"), (ids[1], "machine", "ann"),
         (ids[3], "mixed", "")],
        key=lambda row: (row[0], row[2]),
    )  # fmt: skip
    assert result.agreement["documents"] == 3
    assert result.agreement["verdicts"] == {"human": 1, "machine": 1, "mixed": 1, "unsure": 0}
    assert json.loads((tmp_path / "verdicts" / "agreement.json").read_text()) == result.agreement


def test_verdicts_are_calibration_data(review: Path, tmp_path: Path) -> None:
    ids = ids_of(review)
    given = judge(review / "v.csv", [(ids[0], "human", ""), (ids[1], "machine", ""),
                                     (ids[2], "unsure", "")])  # fmt: skip
    provenance.review_import(given, out=tmp_path / "verdicts")

    examples = list(read_jsonl(tmp_path / "verdicts"))

    texts = dict(
        zip(ids, pq.read_table(review / "sample.parquet")["text"].to_pylist(), strict=True)
    )
    assert [(one.text, one.label) for one in examples] == [
        (texts[ids[0]], "human"), (texts[ids[1]], "ai"),
    ]  # fmt: skip


def test_every_fault_is_named_at_once_with_its_line(review: Path, tmp_path: Path) -> None:
    ids = ids_of(review)
    rows = [(ids[0], "humam", "ann"), ("0" * 32, "human", "ann"), (ids[1], "human", "ann"),
            (ids[1], "machine", "ann")]  # fmt: skip
    given = judge(tmp_path / "bad.csv", rows)
    empty = tmp_path / "empty.csv"
    empty.write_text("id,verdict\n", encoding="utf-8")

    with pytest.raises(provenance.InputError) as caught:
        provenance.review_import([given, empty], review=review, out=tmp_path / "verdicts")

    assert [problem.where for problem in caught.value.problems] == [
        f"{given}:2", f"{given}:3", f"{given}:5", str(empty),
    ]  # fmt: skip
    assert caught.value.problems[0].suggestion == "human"
    assert "no column doc_id" in caught.value.problems[3].what
    assert not (tmp_path / "verdicts").exists()


def test_a_folder_without_a_sample_is_named(tmp_path: Path) -> None:
    given = judge(tmp_path / "v.csv", [("0" * 32, "human", "")])

    with pytest.raises(provenance.InputError, match="holds no sample"):
        provenance.review_import(given, out=tmp_path / "verdicts")


def test_the_commands_make_and_import(dataset: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    made = run(cli, ["review", str(dataset), "--sample", "3", "--out", str(tmp_path / "r")])
    given = judge(tmp_path / "r" / "v.csv", [(ids_of(tmp_path / "r")[0], "human", "")])
    imported = run(cli, ["review", "import", str(given), "--out", str(tmp_path / "v")])

    assert made.exit_code == imported.exit_code == 0
    assert made.output.startswith("3 documents to judge")
    assert "Cohen's kappa" in imported.output


PRESSED = """
for (const key of ["j", "h", "j", "m"])
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
URL.createObjectURL = blob => { blob.text().then(text => { document.title = text; }); return "#"; };
document.getElementById("reviewer").value = 'Ann "A"';
document.getElementById("save").click();
"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_in_a_browser_keys_judge_and_the_button_saves(review: Path, tmp_path: Path) -> None:
    tree, console = opened(review / "review.html", tmp_path / "profile")
    page = (review / "review.html").read_text(encoding="utf-8")
    page = re.sub("<meta http-equiv[^>]*>", "", page)  # or the keys below could not be pressed
    pressed = tmp_path / "pressed.html"
    pressed.write_text(page.replace("</body>", f"<script>{PRESSED}</script></body>"), "utf-8")
    after, _ = opened(pressed, tmp_path / "profile-2")

    assert console == []
    assert "0 of 12 judged" in tree
    assert "2 of 12 judged" in after
    title = re.search("<title>(.*?)</title>", after, flags=re.S)
    assert title is not None
    verdicts = [row["verdict"] for row in csv.DictReader(title[1].splitlines())]
    assert verdicts == ["", "human", "machine", *[""] * 9]
    assert after.count("<details hidden") == 10
