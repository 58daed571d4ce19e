"""`calibrate`: a user's own human texts become thresholds, and `clean` reads scores with them."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiny_classifiers
import tiny_models

from detectors.calibration import Calibration, CalibrationError, artefact, load_all
from detectors.classifier.linear import LinearDetector
from detectors.language_model import LanguageModel
from detectors.lineup import Group, default_groups, load
from detectors.perplexity.perplexity import Perplexity
from provenance import api
from provenance.errors import InputError, OutputError
from provenance.stages.detect import describe

_NAMES = """
river stone market garden window letter summer engine harbour village answer winter morning teacher
painter kitchen silver bridge forest doctor island pocket mirror candle
"""
WORDS = _NAMES.split()


def text(seed: int, n_words: int = 70) -> str:
    """English words in an order of its own."""
    rng = random.Random(seed)
    sentences = [
        f"The {rng.choice(WORDS)} of the {rng.choice(WORDS)} was near a {rng.choice(WORDS)}."
        for _ in range(n_words // 9)
    ]
    return " ".join(sentences)


TEXTS = [text(seed) for seed in range(25)]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JSON Lines with a text, its forum and its language."""
    path = tmp_path_factory.mktemp("texts") / "posts.jsonl.gz"
    rows = [
        json.dumps({"text": one, "forum": "ab"[i % 2], "lang": "en"}) for i, one in enumerate(TEXTS)
    ]
    path.write_bytes(gzip.compress("\n".join(rows).encode(), mtime=0))
    return path


@pytest.fixture(scope="module")
def made(lines: Path, tmp_path_factory: pytest.TempPathFactory) -> api.Calibrated:
    out = tmp_path_factory.mktemp("made") / "posts.json"
    return api.calibrate(lines, out=out, fpr=0.05)


def test_a_threshold_is_the_conformal_one_of_the_texts_scores(made: api.Calibrated) -> None:
    scores = sorted(score.value or 0.0 for score in LinearDetector().score(TEXTS))

    (cell,) = load_all(made.out)[0].cells

    assert (cell.language, cell.domain, cell.n_human, cell.unit) == ("en", "", 25, "texts")
    assert cell.threshold(0.05) == scores[-1]
    assert cell.sources == {"posts.jsonl.gz": 25}


def test_every_form_of_input_gives_the_same_calibration(
    made: api.Calibrated, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "posts.parquet")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    for i, one in enumerate(TEXTS):
        place = tmp_path / "folder" / ("deep" if i % 2 else "")
        (place / f"{i}.txt").write_text(one)

    for given in ("posts.parquet", "folder"):
        other = api.calibrate(tmp_path / given, out=tmp_path / "o.json", fpr=0.05)
        assert other.calibrations[0].data_digest == made.calibrations[0].data_digest
        assert other.table() == made.table()


def test_a_folder_may_hold_files_of_several_kinds(lines: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "posts.jsonl.gz").write_bytes(lines.read_bytes())
    (tmp_path / "in" / "one.txt").write_text(text(99))

    result = api.calibrate(tmp_path / "in", out=tmp_path / "o.json", fpr=0.05)

    assert result.calibrations[0].cells[0].sources == {"in": 1, "posts.jsonl.gz": 25}


def test_the_same_texts_twice_count_once(lines: Path, made: api.Calibrated, tmp_path: Path) -> None:
    again = api.calibrate([lines, lines.parent], out=tmp_path / "o.json", fpr=0.05)
    (tmp_path / "copy.jsonl.gz").write_bytes(lines.read_bytes())
    twice = api.calibrate([lines, tmp_path / "copy.jsonl.gz"], out=tmp_path / "p.json", fpr=0.05)

    assert again.counts == made.counts
    assert twice.counts["duplicates"] == 25
    assert twice.table() == made.table()


def test_domains_and_languages_are_taken_from_their_columns(lines: Path, tmp_path: Path) -> None:
    result = api.calibrate(
        lines, out=tmp_path / "o.json", fpr=0.1, domain_column="forum", language_column="lang"
    )

    cells = result.calibrations[0].cells
    assert sorted((cell.domain, cell.n_human) for cell in cells) == [("", 25), ("a", 13), ("b", 12)]


def test_detectors_of_a_language_model_are_calibrated_for_exactly_that_model(
    lines: Path, tmp_path: Path
) -> None:
    folder = tiny_models.save(tmp_path / "model")

    api.calibrate(
        lines, out=tmp_path / "o.json", fpr=0.05, detectors=["linear", f"perplexity@{folder}"],
    )  # fmt: skip

    model = LanguageModel.load(folder)
    made = Calibration.load(tmp_path / "o.json", fingerprint=model.fingerprint(Perplexity.spec))
    scores = [score.value or 0.0 for score in Perplexity(model).score(TEXTS)]
    assert {cell.n_human for cell in made.cells} == {25}
    assert made.cells[0].threshold(0.05) == pytest.approx(max(scores), abs=1e-3)
    other = replace(model.fingerprint(Perplexity.spec), tokenizer="other")
    with pytest.raises(CalibrationError, match="tokenizer: calibrated on"):
        Calibration.load(tmp_path / "o.json", fingerprint=other)


def test_pairs_and_classifiers_are_calibrated_too(lines: Path, tmp_path: Path) -> None:
    one, other = (tiny_models.save(tmp_path / f"model{i}", seed=i) for i in range(2))
    fake = tiny_classifiers.saved(tiny_classifiers.bert(["Real", "Fake"]), tmp_path / "classifier")

    made = api.calibrate(
        lines, out=tmp_path / "o.json", fpr=0.05,
        detectors=[f"binoculars@{one}+{other}", f"classifier@{fake}"],
    )  # fmt: skip

    pair = Group(("binoculars",), str(one), str(other))
    lineup = load([pair, Group(("classifier",), classifier=str(fake))], own=made.calibrations)
    assert set(lineup.panel.calibrations) == {"binoculars", "classifier"}


def test_what_is_too_small_is_said_with_what_it_needs(lines: Path, tmp_path: Path) -> None:
    result = api.calibrate(lines, out=tmp_path / "o.json", fpr=0.05, domain_column="forum")

    shown = " ".join(result.text().split())
    assert "linear en any 50 to 99 25" in shown
    assert "linear en a 50 to 99 13 needs 19 texts read as en 50-99" in shown
    assert json.loads(result.json())["cells"] == json.loads(json.dumps(result.table()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fpr": 0.01}, "needs 99 human texts of one language; the most are 25 (en)"),
        ({"fpr": 0.0}, "fpr: is 0.0"),
        ({"detectors": "linaer"}, "did you mean 'linear'?"),
        ({"detectors": "perplexity"}, "perplexity needs a model: perplexity@smollm2-135m"),
        ({"detectors": "binoculars"}, "binoculars needs a model: binoculars@SCORING+SAMPLING"),
        ({"detectors": "binoculars@a"}, "a pair is SCORING+SAMPLING; a is one model"),
        ({"detectors": "classifier"}, "classifier needs a model: classifier@a folder"),
        ({"detectors": "linear@a"}, "linear needs no model"),
        ({"detectors": ["lrr@/a.gguf", "lrr@/a.gguf+"]}, "/a.gguf: no such file"),
        (
            {"detectors": "lrr@smollm2-135m", "device": "gpu"},
            "no device 'gpu' (found here: cpu",
        ),
        ({"domain_column": "form"}, "no column 'form' for domain; did you mean 'forum'?"),
        ({"language_column": "x"}, "no column 'x' for language"),
        ({"text_column": "x"}, "no column 'x' for text"),
        ({"detectors": "perplexity@/none.gguf"}, "detector: /none.gguf: no such file"),
    ],
)
def test_a_wrong_request_is_one_message(
    lines: Path, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError) as raised:
        api.calibrate(lines, out=tmp_path / "o.json", **options)  # type: ignore[arg-type]

    assert message in str(raised.value)
    assert not (tmp_path / "o.json").exists()


def test_texts_that_cannot_be_scored_are_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("Too short to say.")

    with pytest.raises(InputError, match="1 texts were read, none that a detector can score"):
        api.calibrate(tmp_path / "short.txt", out=tmp_path / "o.json")


@pytest.mark.parametrize("out", ["", "none/o.json"])
def test_a_place_that_cannot_be_written_is_refused_first(
    lines: Path, tmp_path: Path, out: str
) -> None:
    with pytest.raises(OutputError, match="accepted: a file name"):
        api.calibrate(lines, out=tmp_path / out)


def test_files_that_are_no_text_are_counted(lines: Path, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\x7fELF\0\0\0\1" * 99)
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "good.txt").write_text(TEXTS[0])

    result = api.calibrate([lines, tmp_path], out=tmp_path / "o.json", fpr=0.05)

    assert result.counts["rejects"] == {"empty_body": 2}
    assert result.counts["duplicates"] == 1


def test_clean_reads_scores_with_the_users_calibration(
    made: api.Calibrated, tmp_path: Path
) -> None:
    rows = [{"text": one, "url": f"https://a.example/{i}"} for i, one in enumerate(TEXTS)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "crawl.parquet")

    api.clean(
        tmp_path / "crawl.parquet",
        out=tmp_path / "out",
        calibration=str(made.out),
        workers=1,
    )

    (part,) = (tmp_path / "out" / "scored" / "documents").glob("part-*.parquet")
    tails = pq.read_table(part)["human_tail"].to_pylist()
    assert sorted(tails) == pytest.approx([(i + 2) / 26 for i in range(25)])
    (own,) = made.calibrations
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    (shown,) = report["statistics"]["detection"]["detectors"]
    assert shown["calibration"] == own.digest
    assert [one["threshold"] for one in shown["languages"][0]["lengths"]] == [None]


@pytest.mark.parametrize("command", ["clean", "score"])
def test_a_calibration_that_does_not_fit_is_one_message(
    made: api.Calibrated, lines: Path, tmp_path: Path, command: str
) -> None:
    stored = json.loads(made.out.read_text())
    stored["calibrations"][0]["fingerprint"] |= {"weights": "other", "normalizer": "0"}
    (tmp_path / "c.json").write_text(json.dumps(stored))

    with pytest.raises(InputError) as raised:
        getattr(api, command)(lines, out=tmp_path / "out", calibration=str(tmp_path / "c.json"))

    assert "normalizer: calibrated on '0', scoring with '2'; weights: calibrated" in str(
        raised.value
    )


def test_a_calibration_for_another_detector_is_refused(made: api.Calibrated) -> None:
    stored = made.calibrations[0].to_json()
    stored["fingerprint"]["detector"] = "perplexity"

    with pytest.raises(InputError, match="calibrates perplexity, and none of the detectors"):
        describe(default_groups(), own=[Calibration.from_json(stored)])


def test_an_artefact_is_the_same_for_the_same_texts_in_any_order(
    made: api.Calibrated, tmp_path: Path
) -> None:
    rows = [{"text": one} for one in reversed(TEXTS)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "posts.jsonl.gz")

    other = api.calibrate(tmp_path / "posts.jsonl.gz", out=tmp_path / "o.json", fpr=0.05)

    assert artefact(other.calibrations) == made.out.read_text()
    assert Calibration.load(other.out).digest == made.calibrations[0].digest
