"""Which texts are measured together."""

from __future__ import annotations

from pathlib import Path

import benched

from provenance.engines.bench.corpus import open_sources, read_corpus
from provenance.engines.bench.groups import Group, groups
from provenance.engines.bench.layouts import Labels, NamedColumns


def made(tmp_path: Path, rows: list[dict[str, object]]) -> dict[tuple[str, str, str], Group]:
    path = benched.write(tmp_path / "a.jsonl", rows)
    corpus = read_corpus(open_sources([path], columns=NamedColumns(), labels=Labels()))
    return {(one.dataset, one.kind, one.value): one for one in groups(corpus)}


def test_beside_a_generator_stand_all_human_texts_of_its_dataset(tmp_path: Path) -> None:
    found = made(tmp_path, [
        benched.row(0, "human", dataset="d"),
        benched.row(1, "human", dataset="e"),
        benched.row(2, "ai", dataset="d", generator="g"),
        benched.row(3, "ai", dataset="d", generator="h"),
    ])  # fmt: skip

    group = found["d", "generator", "g"]
    assert (group.human.tolist(), group.ai.tolist(), group.humans) == ([0], [2], "dataset")
    assert found["pooled", "generator", "g"].human.tolist() == [0, 1]


def test_beside_an_attack_stand_the_humans_that_went_through_it_or_else_through_none(
    tmp_path: Path,
) -> None:
    found = made(tmp_path, [
        benched.row(0, "human", dataset="d"),
        benched.row(1, "human", dataset="d", attack="typos"),
        benched.row(2, "ai", dataset="d", attack="typos"),
        benched.row(3, "ai", dataset="d", attack="paraphrase"),
        benched.row(4, "ai", dataset="d"),
    ])  # fmt: skip

    shown = {
        value: (one.humans, one.human.tolist(), one.ai.tolist())
        for (_, kind, value), one in found.items()
        if kind == "attack"
    }
    assert shown == {
        "none": ("group", [0], [4]),
        "paraphrase": ("unattacked", [0], [3]),
        "typos": ("group", [1], [2]),
    }


def test_the_groups_of_a_kind_hold_every_text_once_and_pooled_is_last(tmp_path: Path) -> None:
    rows = [
        benched.row(k, "ai" if k % 3 else "human", dataset=f"d{k % 2}", domain=f"m{k % 4}",
                    language=("en", "de")[k % 2])
        for k in range(24)
    ]  # fmt: skip
    found = made(tmp_path, rows)

    assert list(dict.fromkeys(dataset for dataset, _, _ in found)) == ["d0", "d1", "pooled"]
    for kind in ("domain", "language", "length"):
        texts = [
            n
            for (dataset, of_kind, _), one in found.items()
            if dataset == "pooled" and of_kind == kind
            for n in (*one.human.tolist(), *one.ai.tolist())
        ]
        assert sorted(texts) == list(range(24)), kind


def test_lengths_stand_in_their_order(tmp_path: Path) -> None:
    rows = [
        {"text": "w " * n + str(n), "label": "human", "language": "en"}
        for n in (900, 10, 150, 60, 300, 500)
    ]

    found = made(tmp_path, rows)

    assert [value for _, kind, value in found if kind == "length"] == [
        "under 50", "50-99", "100-199", "200-399", "400-799", "800 and more",
    ]  # fmt: skip
