"""The report of whole runs: its numbers, its bytes, and what hostile pages make of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from browsing import BROWSER, opened
from crawls import Page, prose, write_warc

import provenance
from provenance.report.page import LIMIT_BYTES, page

POLICY = """
version: 1
false_positive_rate: 0.013
drop:
  - {when: "n_chars < 200", reason: too_short}
  - {when: "not is_keeper", reason: duplicate}
mix:
  budget: max
  strata:
    - {name: old, where: "tier = 1", share: 0.5}
    - {name: rest, where: "true", share: 0.5}
tails: {protect: 0.2, max_weight: 2}
"""

HOSTILE = [
    "&lt;script&gt;alert(1)&lt;/script&gt;", "]]&gt;", '"quotes"',
    "&lt;img src=x onerror=alert(1)&gt;",
]  # fmt: skip


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("policy") / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Early and late pages, a copy, a short one, one declared twice, one not for AI, an error."""
    folder = tmp_path_factory.mktemp("crawl")
    early = [Page(f"https://old.example/{i}", prose(i), "2019-01-01T00:00:00Z") for i in range(12)]
    late = [Page(f"https://new.example/{i}", prose(100 + i)) for i in range(12)]
    extra = [
        Page("https://mirror.example/3", prose(3), "2024-06-01T00:00:00Z"),
        Page("https://new.example/short", "Too short."),
        Page(
            "https://new.example/twice",
            f'<b ai-disclosure="ai-generated">{prose(78)}</b>',
            media_type="text/html\r\nAI-Disclosure: mode=ai-originated",
        ),
        Page("https://new.example/no", prose(77), media_type="text/html\r\nX-Robots-Tag: noai"),
        Page("https://new.example/gone", "Gone.", status="404 Not Found"),
    ]
    write_warc(folder / "a.warc.gz", early + late[:6])
    write_warc(folder / "b.warc.gz", late[6:] + extra)
    return folder


@pytest.fixture(scope="module")
def out(crawl: Path, policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("out") / "out"
    provenance.clean(crawl, out=place, policy=policy, workers=1)
    return place


def report_of(out: Path) -> Any:
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


def rows_of(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out / "decisions.parquet").to_pylist()


def stored(out: Path, *columns: str) -> list[dict[str, Any]]:
    parts = sorted((out / "scored" / "documents").glob("*.parquet"))
    return [row for part in parts for row in pq.read_table(part, columns=[*columns]).to_pylist()]


def test_the_report_counts_what_the_decisions_hold(out: Path) -> None:
    report, rows = report_of(out), rows_of(out)
    summary, counted = report["summary"], report["statistics"]
    dropped = Counter(row["reason"] for row in rows if row["decision"] == "drop")
    rejects = pq.read_table(out / "rejects.parquet")

    assert summary["documents"] == len(rows)
    assert summary["records"] == len(rows) + pc.sum(rejects.column("is_record")).as_py()
    assert summary["kept_tokens"] == sum((row["n_tokens"] or 0) * row["epochs"] for row in rows)
    assert {row["reason"]: row["documents"] for row in summary["dropped"]} == dropped
    assert report["tokens"] == sum(row["n_tokens"] or 0 for row in rows)
    assert sum(one["documents"] for one in counted["clusters"]) == len(rows)
    assert {one["reason"]: one["documents"] for one in report["samples"]} == {
        **dropped, None: summary["kept_documents"],
    }  # fmt: skip


def test_months_count_tiers_and_the_mean_posterior(out: Path) -> None:
    rows = rows_of(out)
    by_month: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_month.setdefault(row["captured_at"].strftime("%Y-%m"), []).append(row)

    found = {one["month"]: one for one in report_of(out)["statistics"]["months"]}

    assert found.keys() == by_month.keys()
    for month, own in by_month.items():
        assert found[month]["tiers"] == Counter(str(row["tier"]) for row in own)
        mean = sum(row["p_synthetic"] for row in own) / len(own)
        assert found[month]["p_synthetic_mean"] == pytest.approx(mean, abs=2e-6)


def test_hosts_and_tails_add_up(out: Path) -> None:
    rows = rows_of(out)
    counted = report_of(out)["statistics"]
    hosts = Counter(row["url"].split("/")[2] for row in rows)
    tiers = {row["doc_id"]: row["tier"] for row in rows}
    known = {
        measure: sum(
            row[measure] is not None and tiers[row["doc_id"]] > 0
            for row in stored(out, "doc_id", measure)
        )
        for measure in ("rarity", "ngram_novelty")
    }

    assert {one["host"]: one["documents"] for one in counted["hosts"]["largest"]} == hosts
    assert counted["hosts"]["hosts"] == len(hosts)
    assert min(known.values()) > 0
    for measure, tenths in counted["tails"].items():
        assert sum(one["documents"] for one in tenths) == known[measure]
        for one in tenths:
            assert one["documents"] == one["kept_documents"] + sum(one["dropped"].values())
    protected = sum(one["protected"] for one in counted["tails"]["rarity"])
    assert protected == sum(row["protected"] for row in rows)


def test_evidence_counts_documents_not_facts(out: Path) -> None:
    facts_of = [row["evidence"] for row in stored(out, "evidence")]
    expected = Counter(
        sort for facts in facts_of for sort in {(f["kind"], f["polarity"]) for f in facts}
    )

    found = report_of(out)["statistics"]["evidence"]

    assert any(len(facts) > len({f["kind"] for f in facts}) for facts in facts_of)
    assert {(one["kind"], one["polarity"]): one["documents"] for one in found} == expected


def test_what_publishers_say_is_counted_once_per_document(out: Path) -> None:
    counted = report_of(out)["statistics"]

    found = {one["train_ai"]: one["documents"] for one in counted["train_ai"]}
    assert found == Counter(row["train_ai"] for row in rows_of(out))
    stated = Counter(
        sort
        for row in rows_of(out)
        for sort in {(one["use"], one["preference"]) for one in row["rights"] or ()}
    )
    assert {
        (one["use"], one["preference"]): one["documents"] for one in counted["rights"]
    } == stated


def test_scores_are_counted_by_language_and_length(out: Path) -> None:
    rows = stored(out, "lang", "llr", "human_tail")
    calibrated = [row for row in rows if row["llr"] is not None]
    joint = report_of(out)["statistics"]["detection"]
    (linear,) = [one for one in joint["detectors"] if one["name"] == "linear"]

    assert 0 < sum(one["flagged"] for one in joint["languages"]) < len(calibrated)
    assert sum(one["documents"] for one in joint["languages"]) == len(calibrated)
    assert sum(one["documents"] for one in joint["abstained"]) == len(rows) - len(calibrated)
    assert linear["scored"] >= sum(one["documents"] for one in linear["languages"])
    for one, own in zip(joint["languages"], linear["languages"], strict=True):
        assert sum(n for _, n in own["score"]) == own["documents"]
        assert sum(one["human_tail"]) == one["documents"] >= own["documents"]
        flagged = [r for r in calibrated if r["lang"] == one["lang"] and r["human_tail"] <= 0.013]
        assert one["flagged"] == len(flagged) >= sum(cell["flagged"] for cell in own["lengths"])


def test_a_detector_was_asked_about_texts_in_the_languages_that_it_knows(out: Path) -> None:
    rows = stored(out, "lang", "score_linear", "abstained_linear")
    with_text = [row for row in rows if row["abstained_linear"] != "no_text"]
    detectors = report_of(out)["statistics"]["detection"]["detectors"]
    (linear,) = [one for one in detectors if one["name"] == "linear"]

    assert linear["asked"] == sum(row["lang"] == "en" for row in with_text) < len(with_text)
    assert linear["spared"] == 0


def test_the_manifest_lists_the_report(out: Path) -> None:
    files = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]

    assert {"report.html", "report.json"} <= files.keys()
    assert provenance.verify(out).is_intact


def test_the_bytes_do_not_hang_on_workers_or_batches(
    crawl: Path, policy: Path, out: Path, tmp_path: Path
) -> None:
    provenance.clean(crawl, out=tmp_path / "again", policy=policy, workers=2, batch_size=3)

    for name in ("report.html", "report.json"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_another_seed_draws_other_samples(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    many = [Page(f"https://many.example/{i}", prose(i)) for i in range(60)]
    crawl = write_warc(tmp_path / "many.warc.gz", many)
    provenance.score(crawl, out=tmp_path / "scored", workers=1)
    drawn = []
    for seed in (0, 1):
        policy.write_text(f"version: 1\nseed: {seed}\n", encoding="utf-8")
        provenance.mix(tmp_path / "scored", out=tmp_path / f"mix-{seed}", policy=policy)
        samples = report_of(tmp_path / f"mix-{seed}")["samples"][0]["samples"]
        drawn.append({one["doc_id"] for one in samples})

    assert [len(ids) for ids in drawn] == [20, 20]
    assert drawn[0] != drawn[1]


def test_the_page_names_no_place_on_this_machine(out: Path) -> None:
    for name in ("report.html", "report.json"):
        assert str(out.parent) not in (out / name).read_text(encoding="utf-8")


class Tree(HTMLParser):
    """Tags, the headings' levels, and every attribute that could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.levels: list[int] = []
        self.loading: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        risky = ("src", "href", "action", "srcset", "style", "data")
        self.loading += [(k, v) for k, v in attrs if k in risky or k.startswith("on")]


def test_the_page_loads_and_runs_nothing_and_its_headings_are_in_order(out: Path) -> None:
    tree = Tree()
    tree.feed((out / "report.html").read_text(encoding="utf-8"))

    assert not tree.tags.keys() & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert all(key == "href" and (value or "").startswith("#") for key, value in tree.loading)
    assert tree.levels[0] == 1
    assert tree.levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(tree.levels, tree.levels[1:], strict=False))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("hostile")
    pages = [
        Page(f"https://evil.example/{i}?q=\"><script>alert('{i}')</script>", f"{bad} {prose(i)}")
        for i, bad in enumerate(HOSTILE)
    ] + [
        Page("javascript:alert(1)", prose(99)),
        Page("https://evil.example/\u202egnp.exe", prose(98)),
    ]
    write_warc(tmp_path / "evil.warc.gz", pages)
    provenance.clean(tmp_path / "evil.warc.gz", out=tmp_path / "evil", workers=1)
    return tmp_path / "evil"


def test_script_in_addresses_and_texts_shows_as_text(hostile: Path) -> None:
    text = (hostile / "report.html").read_text(encoding="utf-8")
    tree = Tree()
    tree.feed(text)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\\u202e" in text
    assert "\u202e" not in text
    assert not tree.tags.keys() & {"script", "img"}
    assert not any("javascript" in (value or "") for _, value in tree.loading)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_a_browser_opens_the_page_without_a_word_on_its_console(
    hostile: Path, tmp_path: Path
) -> None:
    tree, console = opened(hostile / "report.html", tmp_path / "profile")

    assert console == []
    assert "<script" not in tree
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in tree


def test_a_page_too_large_shows_fewer_samples(out: Path) -> None:
    report = report_of(out)
    one = {"doc_id": "0" * 32, "url": "&" * 2000, "beginning": "&" * 300,
           "sentences": ["&" * 300] * 40}  # fmt: skip
    report["samples"] = [
        {"reason": f"rule_{i}", "documents": 20, "samples": [one] * 20} for i in range(12)
    ]

    made = page(report)

    assert len(made.encode()) <= LIMIT_BYTES
    assert 0 < made.count("<article>") < 240
