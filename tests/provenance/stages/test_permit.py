"""The rights of page and site in one column, and the verdict on training."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from provenance import batch
from provenance.evidence.rights import Preference
from provenance.evidence.site_rights import SiteRights
from provenance.stages.permit import Permit

SITES = SiteRights.of(
    [("https://a.example/robots.txt", "robots_txt", "User-agent: gptbot\nDisallow: /x")]
)
ALLOWED = Preference("header content-usage", "train_ai", "allowed").row()
SEARCH = Preference("header content-usage", "search", "denied").row()


def permitted(url: str | None, own: list[dict[str, Any]] | None) -> tuple[Any, str]:
    stage = Permit(SITES)
    given = pa.record_batch([[url], [own]], schema=batch.schema(stage.reads))
    row = stage(given).to_pylist()[0]
    return row["rights"], row["train_ai"]


def test_nothing_said_is_null_and_unspecified() -> None:
    assert permitted("https://b.example/", None) == (None, "unspecified")
    assert permitted(None, None) == (None, "unspecified")


def test_page_and_site_are_listed_together_and_the_most_restrictive_counts() -> None:
    rights, stance = permitted("https://a.example/x/1", [ALLOWED])

    assert [(said["source"], said["preference"]) for said in rights] == [
        ("header content-usage", "allowed"), ("robots.txt", "denied"),
    ]  # fmt: skip
    assert stance == "denied"
    assert permitted("https://a.example/y", [ALLOWED]) == ([ALLOWED], "allowed")


def test_what_is_said_of_other_uses_is_kept_and_decides_nothing() -> None:
    assert permitted("https://b.example/", [SEARCH]) == ([SEARCH], "unspecified")


def test_a_site_is_found_however_its_address_is_written() -> None:
    for url in ("http://A.EXAMPLE:8080/x", "https://user:word@a.example/x?y#z"):
        assert permitted(url, None)[1] == "denied", url
    assert permitted("https://www.a.example/x", None)[1] == "unspecified"
    assert permitted("a.example/x", None)[1] == "unspecified"
