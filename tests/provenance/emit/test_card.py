"""The dataset card: valid YAML for the hub, whatever was kept."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from provenance.emit.card import dataset_card


def manifest(languages: list[str], kept: int) -> dict[str, Any]:
    rows = [{"lang": lang, "kept_documents": 1} for lang in languages]
    return {
        "views": [],
        "policy": {"cutoff": "2022-01-01", "false_positive_rate": 0.01},
        "summary": {
            "languages": rows,
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
