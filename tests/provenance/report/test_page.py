"""The page's colours can be told apart: light, dark, on paper (WCAG 2.2, 1.4.3, 1.4.11)."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = (resources.files("provenance.report") / "page.css").read_text("utf-8")
BLOCKS = re.findall(r":root \{(.*?)\}", STYLE, re.S)
SCHEMES = [dict(re.findall(r"--(\w+): (#[0-9a-f]+)", block)) for block in BLOCKS]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


def test_there_is_a_light_a_dark_and_a_printed_scheme() -> None:
    assert len(SCHEMES) == 3


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark", "print"])
@pytest.mark.parametrize("text", ["ink", "soft", "a"])
def test_text_stands_out(scheme: dict[str, str], text: str) -> None:
    for ground in ("paper", "code"):
        assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark", "print"])
@pytest.mark.parametrize("bar", ["a", "b", "c", "d"])
def test_bars_stand_out(scheme: dict[str, str], bar: str) -> None:
    assert contrast(scheme[bar], scheme["paper"]) >= 3
