"""Charts draw what they are given, and say what they show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from provenance.report.charts import bar, columns, legend


def boxes(svg: str) -> list[dict[str, float | str]]:
    found = []
    for rect in ElementTree.fromstring(svg).iter("rect"):
        sides = {name: float(rect.get(name, "0")) for name in ("x", "y", "width", "height")}
        found.append({**sides, "kind": rect.get("class", "")})
    return found


def test_the_highest_stack_fills_the_chart_and_layers_stand_on_each_other() -> None:
    low, top, half = boxes(columns([[3, 1], [2, 0]], ["a", "b"], label="x"))

    assert (low["y"], low["height"], low["kind"]) == (35, 105, "a")
    assert (top["y"], top["height"], top["kind"]) == (0, 35, "b")
    assert (half["y"], half["height"]) == (70, 70)
    assert half["x"] == 300


@pytest.mark.parametrize("stacks", [[], [[0]], [[0], [0]]])
def test_nothing_to_show_is_an_empty_chart(stacks: list[list[float]]) -> None:
    assert boxes(columns(stacks, ["a"], label="x")) == []


def test_a_chart_has_a_text_alternative() -> None:
    made = columns([[1]], ["a"], label="Scores <by> language")

    assert 'role="img"' in made
    assert 'aria-label="Scores &lt;by&gt; language"' in made


def test_marks_stand_where_they_belong() -> None:
    made = columns([[1]], ["a"], label="x", marks=[0.25])

    assert re.findall(r'<line x1="([0-9.]+)"', made) == ["150.0"]


@pytest.mark.parametrize(("share", "width"), [(0.5, 50), (0, 0), (1, 100), (7, 100), (-1, 0)])
def test_a_bar_is_its_share_of_the_width(share: float, width: float) -> None:
    _, part = boxes(bar(share))

    assert part["width"] == width


def test_a_legend_names_every_colour() -> None:
    made = legend(("kept", "dropped"), ("b", "d"))

    assert re.sub(r"<[^>]*>", " ", made).split() == ["kept", "dropped"]
