"""Charts as inline SVG without text: whoever cannot see one reads the table or label beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from provenance.report.html import Markup, element, joined

_WIDTH = 600
_HEIGHT = 140

#: How each line of `curves` is drawn: a colour, then the same colours dashed.
_CURVE_KINDS: Final = ("sa", "sb", "sc", "sd", "sa dash", "sb dash", "sc dash", "sd dash")
CURVES: Final = len(_CURVE_KINDS)


def bar(share: float, *, kind: str = "a") -> Markup:
    """A bar in a table cell, `share` (0 to 1) of its width; the number stands beside it."""
    width = round(100 * min(max(share, 0.0), 1.0), 2)
    full = element("rect", width=100, height=8, class_="rest")
    part = element("rect", width=f"{width:g}", height=8, class_=kind)
    return element("svg", full, part, class_="bar", viewBox="0 0 100 8",
                   preserveAspectRatio="none", aria_hidden="true")  # fmt: skip


def columns(
    stacks: Sequence[Sequence[float]],
    kinds: Sequence[str],
    *,
    label: str,
    marks: Sequence[float] = (),
) -> Markup:
    """Upright bars, one per stack, each of layers from the bottom up.

    kinds: the class of each layer. label: what the picture shows, for who cannot see it. marks:
    places of upright lines, 0 to 1 of the width.
    """
    highest = max((sum(stack) for stack in stacks), default=0.0) or 1.0
    step = _WIDTH / max(len(stacks), 1)
    layers = [
        _layer(i * step, step, below / highest, height / highest, kind=kind)
        for i, stack in enumerate(stacks)
        for below, height, kind in zip(_starts(stack), stack, kinds, strict=True)
        if height
    ]
    lines = [
        element("line", x1=f"{_WIDTH * place:.1f}", x2=f"{_WIDTH * place:.1f}", y1=0, y2=_HEIGHT)
        for place in marks
    ]
    return element("svg", joined(layers), joined(lines), class_="columns", role="img",
                   viewBox=f"0 0 {_WIDTH} {_HEIGHT}", preserveAspectRatio="none",
                   aria_label=label)  # fmt: skip


def curves(
    lines: Sequence[Sequence[tuple[float, float]]],
    *,
    label: str,
    lowest: float,
    marks: Sequence[float] = (),
) -> Markup:
    """Curves of points with 0 <= y <= 1 and `lowest` <= x <= 1, x on a logarithmic scale.

    At most CURVES lines, each of a colour and dash of its own (`curve_legend` names them). label:
    as for `columns`. marks: values of x at which dashed upright lines stand.
    """
    drawn = [
        element("polyline", points=" ".join(_place(x, y, lowest) for x, y in line), class_=kind)
        for line, kind in zip(lines, _CURVE_KINDS, strict=False)
    ]
    grid = [
        element("line", x1=0, x2=_WIDTH, y1=f"{_HEIGHT * y:g}", y2=f"{_HEIGHT * y:g}",
                class_="grid")
        for y in (0.25, 0.5, 0.75)
    ]  # fmt: skip
    places = [f"{_WIDTH * _share(x, lowest):.1f}" for x in marks]
    upright = [element("line", x1=x, x2=x, y1=0, y2=_HEIGHT) for x in places]
    return element("svg", joined(grid), joined(upright), joined(drawn), class_="curves", role="img",
                   viewBox=f"0 0 {_WIDTH} {_HEIGHT}", preserveAspectRatio="none",
                   aria_label=label)  # fmt: skip


def curve_legend(names: Sequence[str]) -> Markup:
    """What each line of `curves` stands for."""
    items = [
        element("span",
                element("svg", element("line", x1=0, x2=30, y1=5, y2=5, class_=kind),
                        class_="stroke", viewBox="0 0 30 10", aria_hidden="true"),
                name, class_="key")
        for name, kind in zip(names, _CURVE_KINDS, strict=False)
    ]  # fmt: skip
    return element("p", joined(items), class_="legend")


def _place(x: float, y: float, lowest: float) -> str:
    return f"{_WIDTH * _share(x, lowest):.1f},{_HEIGHT * (1 - y):.1f}"


def _share(x: float, lowest: float) -> float:
    """The place of x between `lowest`, 0, and 1, 1, on a logarithmic scale."""
    return 1 - math.log(max(x, lowest)) / math.log(lowest)


def axis(*names: str) -> Markup:
    """Names below a chart, evenly spread from its left end to its right."""
    return element("p", *(element("span", name) for name in names), class_="axis",
                   aria_hidden="true")  # fmt: skip


def legend(names: Sequence[str], kinds: Sequence[str]) -> Markup:
    """What each colour stands for."""
    swatch = [
        element("svg", element("rect", width=10, height=10, class_=kind), class_="swatch",
                viewBox="0 0 10 10", aria_hidden="true")
        for kind in kinds
    ]  # fmt: skip
    items = [element("span", *pair, class_="key") for pair in zip(swatch, names, strict=True)]
    return element("p", joined(items), class_="legend")


def _starts(stack: Sequence[float]) -> list[float]:
    return [sum(stack[:i]) for i in range(len(stack))]


def _layer(x: float, step: float, below: float, height: float, *, kind: str) -> Markup:
    top = _HEIGHT * (1 - below - height)
    return element("rect", x=f"{x:.2f}", y=f"{top:.2f}", width=f"{step * 0.92:.2f}",
                   height=f"{_HEIGHT * height:.2f}", class_=kind)  # fmt: skip
