"""`provenance explain`: plain words, and the nearest address when nothing is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crawls import Page, prose, write_warc

import provenance
from provenance.errors import InputError


@pytest.fixture
def out(crawl: Path, tmp_path: Path, plain: Path) -> Path:
    provenance.clean([str(crawl)], out=tmp_path / "out", policy=plain, workers=1)
    return tmp_path / "out"


def test_a_dropped_mirror_is_explained_with_its_earlier_copy(out: Path) -> None:
    (found,) = provenance.explain(out, "https://mirror.example/3")

    lender = provenance.explain(out, "https://old.example/3")[0].facts["id"]
    lines = found.text().splitlines()
    assert lines[0] == f"https://mirror.example/3  (doc_id {found.facts['id']})"
    assert "  captured on 2024-06-01" in lines
    assert (
        "  first seen on 2019-01-01: its text is covered by the earlier document " + lender
    ) in lines
    assert "  tier 1: a copy of a text that was captured before the cutoff" in lines
    assert lines[-1] == "  DROPPED: duplicate: policy: not is_keeper"


def test_every_contribution_to_the_log_odds_is_named(out: Path) -> None:
    (found,) = provenance.explain(out, "https://mirror.example/3")

    lines = found.text().splitlines()
    at = lines.index("  log-odds of being synthetic, in nats:")
    assert lines[at + 1].endswith("  prior: of pages first seen on 2019-01-01")
    assert "    -13.82  first_seen: an earlier copy from before 2022-01-01" in lines
    assert any(line.endswith("  in all") for line in lines[at:])


def test_a_dropped_copy_says_what_it_matched_and_how(tmp_path: Path, plain: Path) -> None:
    words = prose(1).split()
    texts = [words, words, [*words, "and", "more"], words[: len(words) // 2]]
    pages = [
        Page(f"https://{year}.example/", " ".join(text), date=f"{year}-01-01T00:00:00Z")
        for year, text in zip(range(2018, 2022), texts, strict=True)
    ]
    write_warc(tmp_path / "crawl" / "a.warc.gz", pages)
    provenance.clean([str(tmp_path / "crawl")], out=tmp_path / "out", policy=plain, workers=1)

    first, *copies = (provenance.explain(tmp_path / "out", page.url)[0] for page in pages)

    assert first.facts["duplicate_match"] is None
    for copy, kind, how in zip(
        copies,
        ("exact", "near", "contained"),
        ("the same text", "a near copy (Jaccard 1.00)", "contained in it (100% of its own text)"),
        strict=True,
    ):
        assert copy.facts["duplicate_match"]["kind"] == kind
        assert f"; matches document {first.facts['id']}: {how}" in copy.text()


def test_a_kept_page_is_found_by_its_id_too(out: Path) -> None:
    (by_url,) = provenance.explain(out, "https://old.example/1")

    (by_id,) = provenance.explain(out, by_url.facts["id"])

    assert by_id.facts == by_url.facts
    assert by_id.text().splitlines()[-1] == "  KEPT"


def test_a_reject_is_explained(out: Path) -> None:
    (found,) = provenance.explain(out, "https://new.example/gone")

    assert found.text().splitlines()[-1] == (
        "  no document: http_status: the server answered with an error or a redirect (404)"
    )


def test_the_json_holds_what_the_sentences_say(out: Path) -> None:
    (found,) = provenance.explain(out, "https://old.example/1")

    assert json.loads(found.json())["tier_reason"] == "captured_before_cutoff"


def test_an_unknown_address_suggests_the_nearest(out: Path) -> None:
    with pytest.raises(InputError) as caught:
        provenance.explain(out, "https://old.example/1/")

    assert str(caught.value) == (
        "https://old.example/1/: no document and no rejected record has this URL, doc_id or record"
        " id; did you mean 'https://old.example/1'?"
    )


def test_without_its_scored_store_a_dataset_still_explains_the_decision(
    tmp_path: Path, plain: Path
) -> None:
    write_warc(tmp_path / "crawl" / "a.warc.gz", [Page("https://a.example/", prose(1))])
    provenance.score([str(tmp_path / "crawl")], out=tmp_path / "scored", workers=1)
    provenance.mix(tmp_path / "scored", out=tmp_path / "out", policy=plain)
    (tmp_path / "scored").rename(tmp_path / "moved")

    (found,) = provenance.explain(tmp_path / "out", "https://a.example/")

    assert (
        "what detectors saw is in the scored store, which is not beside this dataset"
        in found.text()
    )


def test_what_was_masked_is_told_and_the_rest_is_judged_by_itself(
    tmp_path: Path, plain: Path
) -> None:
    machine = f"</p><div ai-disclosure='ai-generated'><p>{prose(2)}</p></div><p>"
    page = Page("https://mixed.example/", prose(1) + machine)
    write_warc(tmp_path / "crawl" / "a.warc.gz", [page])

    provenance.clean(
        [str(tmp_path / "crawl")],
        out=tmp_path / "out",
        policy=plain,
        workers=1,
        mask_generated=True,
    )

    (found,) = provenance.explain(tmp_path / "out", page.url)
    count = len("".join(prose(2).split()))
    assert (
        f"  left out of the text: {count:,} characters of elements that are declared generated"
        in found.text().splitlines()
    )
    assert found.facts["tier_reason"] not in {"declared_synthetic", "declared_mixed"}
