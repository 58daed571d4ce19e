"""What a site repeats, written by the duplicate search and asked for later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from provenance.dedup.boilerplate import Boilerplate
from provenance.dedup.minhash import sign
from provenance.dedup.search import DedupParameters, find_duplicates
from provenance.session import Session


def sketch(text: str) -> np.ndarray:
    signed = sign(pa.array([text], pa.large_string()), num_perm=1)
    return np.frombuffer(signed.sketch[0].as_py(), dtype="<u4")


@pytest.fixture
def known(tmp_path: Path, write, page, prose) -> Boilerplate:
    """Three pages with one menu, on `www.a.example` and `a.example`; one page elsewhere."""
    menu = prose(20, seed=0)
    hosts = ["www.a.example", "a.example", "a.example"]
    pages = [
        page(f"p{i}", f"{menu} {prose(60, seed=1 + i)}", host=host) for i, host in enumerate(hosts)
    ]
    documents, signatures = write("0", [*pages, page("b", prose(80, seed=9), host="b.example")])
    with Session(tmp_path / "scratch") as session:
        find_duplicates(
            session, documents=[documents], signatures=[signatures], out=tmp_path / "duplicates",
            parameters=DedupParameters(), boilerplate=tmp_path / "boilerplate",
        )  # fmt: skip
    return Boilerplate.load(tmp_path / "boilerplate")


def marks(known: Boilerplate, host: str | None, text: str) -> list[bool]:
    hashes = sketch(text)
    found: list[bool] = known.marks([host], np.array([0, len(hashes)]), hashes).tolist()
    return found


@pytest.mark.parametrize("host", ["a.example", "www.a.example"])
def test_what_a_site_repeats_is_boilerplate_there(known: Boilerplate, prose, host: str) -> None:
    assert set(marks(known, host, prose(20, seed=0))) == {True}
    assert set(marks(known, host, prose(60, seed=1))) == {False}


@pytest.mark.parametrize("host", ["b.example", "unknown.example", None])
def test_it_is_none_elsewhere(known: Boilerplate, prose, host: str | None) -> None:
    assert set(marks(known, host, prose(20, seed=0))) == {False}


def test_rows_of_several_hosts_are_marked_each_by_its_own(known: Boilerplate, prose) -> None:
    menu, other = sketch(prose(20, seed=0)), sketch(prose(60, seed=9))
    bounds = np.cumsum([0, len(menu), len(menu), 0, len(other)])

    found = known.marks(
        ["b.example", "a.example", None, "b.example"], bounds, np.concatenate([menu, menu, other])
    )

    expected = np.repeat([False, True, False], [len(menu), len(menu), len(other)])
    assert found.tolist() == expected.tolist()
