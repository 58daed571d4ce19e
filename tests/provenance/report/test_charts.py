"""Charts draw what they are given, and say what they show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from provenance.report.charts import bar, columns, curve_legend, curves, legend


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


def test_a_curve_has_a_tenfold_rate_at_every_third_of_the_width() -> None:
    line = [(0.001, 0.0), (0.01, 0.5), (0.1, 0.75), (1.0, 1.0)]

    drawn = curves([line], label="ROC", lowest=0.001, marks=[0.1])

    assert 'points="0.0,140.0 200.0,70.0 400.0,35.0 600.0,0.0"' in drawn
    assert '<line x1="400.0" x2="400.0" y1="0" y2="140">' in drawn
    assert 'aria-label="ROC"' in drawn


def test_curves_and_their_names_are_drawn_alike() -> None:
    kinds = re.findall(r'class="(s[a-d](?: dash)?)"', curves([[(1, 1)]] * 6, label="", lowest=0.01))

    assert kinds == re.findall(r'class="(s[a-d](?: dash)?)"', curve_legend(list("abcdef")))
    assert len(set(kinds)) == 6
