"""The dataset card: valid YAML for the hub, whatever was kept."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from provenance.emit.card import dataset_card


def manifest(languages: list[str], kept: int) -> dict[str, Any]:
    counts = {"documents": 3, "kept_documents": 1, "kept_tokens": 2}
    about = {"name": 'My "crawl"', "description": None, "license": None}
    return {
        "views": [],
        "merkle": {"root": "ab" * 32},
        "mix": {"strata": []},
        "policy": {"cutoff": "2022-01-01", "false_positive_rate": 0.01, "dataset": about},
        "summary": {
            "languages": [{"lang": lang, **counts} for lang in languages],
            "tiers": [],
            "kept_documents": kept,
            "kept_tokens": 1234567,
            "documents": kept + 1,
        },
    }


def head(card: str) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return value


def test_the_head_names_the_languages_and_where_the_rows_are() -> None:
    card = dataset_card(manifest(["no", "en", "und", "none"], 12))

    assert head(card) == {
        "pretty_name": 'My "crawl"',
        "language": ["en", "no"],
        "size_categories": ["n<1K"],
        "task_categories": ["text-generation"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": "train", "path": "data/*.parquet"}],
                "default": True,
            }
        ],
    }
    assert "12 documents (1,234,567 tokens) of 13 read" in card


def test_a_dataset_without_a_known_language_has_an_empty_list() -> None:
    assert head(dataset_card(manifest(["und"], 0)))["language"] == []


@pytest.mark.parametrize(
    ("kept", "size"), [(999, "n<1K"), (1000, "1K<n<10K"), (10**9, "n>1B"), (5 * 10**6, "1M<n<10M")]
)
def test_the_size_category_is_the_hubs(kept: int, size: str) -> None:
    assert head(dataset_card(manifest([], kept)))["size_categories"] == [size]


def test_a_licence_is_named_as_the_hub_wants_it() -> None:
    given = manifest(["en"], 1)
    given["policy"]["dataset"]["license"] = "CC-BY-4.0: see terms"

    card = head(dataset_card(given))

    assert (card["license"], card["license_name"]) == ("other", "CC-BY-4.0: see terms")
