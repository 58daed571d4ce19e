"""Detectors are found by name, lazily; mistakes are named."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from detectors.classifier.linear import LinearDetector
from detectors.registry import GROUP, RegistryError, detector_class, registered


def plugin(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_a_name_gives_its_class() -> None:
    assert detector_class("linear", plugins=[]) is LinearDetector


def test_an_entry_point_adds_a_detector() -> None:
    found = registered([plugin("mine", "collections:Counter")])

    assert found["mine"] == "collections:Counter"


def test_a_name_given_twice_is_refused_with_both_places() -> None:
    with pytest.raises(RegistryError, match=r"'linear' is given twice: .*LinearDetector and a:B"):
        registered([plugin("linear", "a:B")])


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(RegistryError, match="no detector 'liner'; did you mean 'linear'"):
        detector_class("liner", plugins=[])


def test_a_name_like_no_other_gets_the_list() -> None:
    with pytest.raises(RegistryError, match=r"no detector 'xyz'; \(accepted: binoculars, "):
        detector_class("xyz", plugins=[])


def test_listing_loads_no_detector() -> None:
    code = (
        "import sys, detectors.registry as r; r.registered();"
        "sys.exit('numba' in sys.modules or 'torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
