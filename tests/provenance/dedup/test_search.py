"""The search over whole stores."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from provenance.dedup.search import EDGES, DedupParameters, find_duplicates
from provenance.session import Session


def some_pages(page, prose) -> list:
    """Copies, near copies, extracts and site boilerplate, in random order."""
    draw = random.Random(7)
    pages = []
    for number in range(60):
        words = prose(draw.randrange(40, 400), seed=number).split()
        menu = prose(30, seed=1000 + number % 6)
        for copy in range(draw.randrange(1, 4)):
            kept = [word for word in words if draw.random() > 0.02 * copy]
            body = " ".join(kept[: max(20, len(kept) // draw.randrange(1, 3))])
            pages.append(
                page(
                    f"{number}.{copy}",
                    f"{menu} {body}" if copy % 2 else body,
                    captured=f"20{draw.randrange(10, 25)}-01-01" if draw.random() < 0.9 else None,
                    host=f"www.site{number % 6}.example" if copy % 2 else None,
                )
            )
    draw.shuffle(pages)
    return pages


def test_exact_copies_are_a_star_around_the_earliest(search, page, prose) -> None:
    text = prose(50, seed=0)
    days = {"c": "2023-01-01", "a": "2021-01-01", "d": None, "b": "2022-01-01"}

    outcome = search([page(name, text, captured=day) for name, day in days.items()])

    assert outcome.matches() == {("a", "b"), ("a", "c"), ("a", "d")}
    assert {edge["kind"] for edge in outcome.edges} == {"exact"}


def test_many_exact_copies_cost_one_edge_each(search, page, prose) -> None:
    text = prose(50, seed=0)

    outcome = search([page(str(number), text) for number in range(500)])

    assert (len(outcome.edges), outcome.found.n_compared) == (499, 0)


def test_a_lightly_edited_copy_is_found(search, page, prose) -> None:
    words = prose(300, seed=0).split()
    edited = [word if place % 25 else "edit" for place, word in enumerate(words)]

    outcome = search([page("original", " ".join(words)), page("edited", " ".join(edited))])

    assert outcome.found.n_near == 1


def test_a_match_says_whether_the_texts_are_alike_or_one_stands_in_the_other(
    search, page, prose
) -> None:
    whole = prose(300, seed=0)
    half = " ".join(whole.split()[:150])
    pages = [
        page("whole", whole, captured="2020-01-01"),
        page("again", whole, captured="2020-01-02"),
        page("edited", f"{whole} more", captured="2020-01-03"),
        page("half", half, captured="2020-01-04"),
    ]

    edges = {(e["doc_a"], e["doc_b"]): e for e in search(pages).edges}

    assert {pair: edge["kind"] for pair, edge in edges.items()} == {
        ("whole", "again"): "exact",
        ("whole", "edited"): "near",
        ("whole", "half"): "contained",
        ("edited", "half"): "contained",
    }
    assert edges["whole", "edited"]["similarity"] >= DedupParameters().min_jaccard
    assert edges["whole", "half"]["similarity"] < DedupParameters().min_jaccard
    assert edges["whole", "half"]["containment_b_in_a"] == 1


def test_texts_too_short_to_share_enough_are_copies_when_their_shingles_are(search, page) -> None:
    outcome = search([page("a", "x y x y x y"), page("b", "x y x y x y x")])

    assert outcome.matches() == {("a", "b")} or outcome.matches() == {("b", "a")}


def test_pages_of_one_site_are_not_copies_for_sharing_its_boilerplate(search, page, prose) -> None:
    menu = prose(300, seed=0)
    pages = [page(str(n), f"{menu} {prose(40, seed=n)}", host="site.example") for n in range(1, 12)]

    assert search(pages).edges == []


def test_boilerplate_is_learned_across_www_and_the_bare_host(search, page, prose) -> None:
    menu = prose(100, seed=0)
    pages = [
        page(host, f"{menu} {prose(40, seed=n)}", host=host)
        for n, host in enumerate(("www.site.example", "site.example"), start=1)
    ]

    assert search(pages).edges == []


def test_a_copy_in_another_sites_boilerplate_is_found(search, page, prose) -> None:
    text, menu = prose(200, seed=0), prose(400, seed=1)
    others = [page(f"o{n}", f"{menu} {prose(90, seed=n)}", host="b.example") for n in range(2, 8)]
    mirror = page("mirror", f"{menu} {text}", captured="2024-01-01", host="b.example")

    outcome = search([page("original", text, host="a.example"), mirror, *others])

    assert outcome.matches() == {("original", "mirror")}


def test_versions_of_one_page_are_copies_not_boilerplate(search, page, prose) -> None:
    words = prose(300, seed=0)
    versions = [
        page(day, f"{words} seen on {day}", captured=day, host="site.example")
        for day in ("2020-01-01", "2021-01-01", "2022-01-01")
    ]

    assert search(versions).kept() == {"2020-01-01"}


def test_the_same_words_without_a_host_need_no_site_to_match(search, page, prose) -> None:
    text = prose(100, seed=0)

    assert search([page("a", text), page("b", text + " more")]).matches() == {("a", "b")}


def test_a_hot_bucket_stays_linear_and_its_texts_meet_the_earliest(search, page) -> None:
    boiler = " ".join(f"b{n}" for n in range(40))
    pages = [page(f"{number:05d}", f"{boiler} {number}") for number in range(10_000)]
    parameters = DedupParameters(bucket_heads=4)

    outcome = search(pages, parameters=parameters)

    assert outcome.found.n_compared <= 10_000 * 4 * 2
    assert len(outcome.kept()) == 1


@pytest.mark.parametrize(("parts", "threads"), [(1, 1), (3, 2), (7, 1)])
def test_files_order_and_threads_change_no_byte(search, page, prose, parts, threads) -> None:
    pages = some_pages(page, prose)
    shuffled = random.Random(parts).sample(pages, len(pages))

    expected = search(pages)
    outcome = search(shuffled, parts=parts, threads=threads)

    assert outcome.bytes == expected.bytes
    assert outcome.rows == expected.rows


def test_ranges_of_hashes_and_keys_change_no_byte(search, page, prose, monkeypatch) -> None:
    pages = some_pages(page, prose)
    expected = search(pages)
    monkeypatch.setattr("provenance.dedup.candidates.PARTITION_HASHES", 500)
    monkeypatch.setattr("provenance.dedup.candidates.PAIRS_AT_ONCE", 7)
    monkeypatch.setattr("provenance.dedup.candidates.partition_count", lambda _: 8)
    monkeypatch.setattr("provenance.dedup.signed.CHUNK_TEXTS", 5)

    assert search(pages).bytes == expected.bytes


def test_comparing_with_the_earliest_of_each_bucket_loses_no_match_here(
    search, page, prose
) -> None:
    pages = some_pages(page, prose)

    every_pair = search(pages, parameters=DedupParameters(bucket_heads=10_000))

    assert every_pair.found.n_near > 40
    assert search(pages).bytes == every_pair.bytes


def test_a_record_given_twice_counts_where_it_is_read_first(tmp_path, page, prose, write) -> None:
    a, b = page("a", prose(50, seed=0)), page("b", prose(50, seed=1))
    first, second = write("first", [a, b]), write("second", [page("a", b.text), b])
    files = list(zip(first, second, strict=True))

    with Session(tmp_path / "scratch") as session:
        found = find_duplicates(
            session, documents=files[0], signatures=files[1], out=tmp_path / "edges.parquet",
            parameters=DedupParameters(),
        )  # fmt: skip

    assert (found.n_texts, found.n_exact, found.n_near) == (2, 0, 0)


def test_documents_without_words_match_nothing(search, page) -> None:
    outcome = search([page("a", ""), page("b", "")])

    assert (outcome.edges, outcome.kept()) == ([], {"a", "b"})


def test_an_empty_store_has_an_empty_file_of_edges(search) -> None:
    outcome = search([])

    assert (outcome.edges, outcome.rows) == ([], {})


def test_no_files_have_an_empty_file_of_edges(tmp_path: Path) -> None:
    out = tmp_path / "duplicates.parquet"
    with Session(tmp_path / "scratch") as session:
        find_duplicates(session, documents=[], signatures=[], out=out, parameters=DedupParameters())

    assert pq.read_schema(out).equals(EDGES)


def test_a_single_document_is_its_own_keeper(search, page, prose) -> None:
    outcome = search([page("only", prose(20, seed=0), captured="2020-05-01")])

    assert outcome.rows["only"]["is_keeper"]
    assert outcome.rows["only"]["cluster_id"] == "only"
    assert outcome.first_seen("only") == "2020-05-01"


def test_the_search_leaves_nothing_beside_its_result(tmp_path: Path, search, page, prose) -> None:
    search([page("a", prose(20, seed=0)), page("b", prose(20, seed=0))])

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
