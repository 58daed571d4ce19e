"""A file of sources -> a `SourceTable`, or every problem in it at once.

CSV and Parquet with the columns `site` and `class`; or YAML:

    partner: [press.example, example.org/news/]
    peer_reviewed: [journal.example]
    trust_txt:
      folder: trust                     # trust/<host>.txt as it was fetched, beside this file
      associations: [members.example]   # those whose members become `publisher`
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.errors import PolicyError, Problem, nearest
from provenance.evidence.sources import CLASSES, SourceTable, registrable, site_of
from provenance.evidence.trust_txt import MAX_CHARACTERS, vouched
from provenance.policy import document
from provenance.policy.document import Document

_COLUMNS: Final = ("site", "class")
_TRUST: Final = "trust_txt"


class Row(NamedTuple):
    """One entry and where it stands."""

    where: str
    site: Any
    kind: Any


def load_sources(path: Path) -> SourceTable:
    """The table in the file at `path`. Raises PolicyError with every faulty entry."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise PolicyError(Problem(str(path), f"unknown format of a source table {path.suffix!r}",
                                  accepted=", ".join(_READERS)))  # fmt: skip
    try:
        rows = list(reader(path))
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise PolicyError(Problem(str(path), f"cannot read the source table: {error}")) from error
    sites: dict[str, str] = {}
    problems: list[Problem] = []
    for row in rows:
        fault = _fault(row, sites)
        if fault:
            problems.append(fault)
        else:
            sites[site_of(row.site)] = row.kind.strip()
    if problems:
        raise PolicyError(problems)
    return SourceTable(sites)


def _fault(row: Row, sites: Mapping[str, str]) -> Problem | None:
    where, site, kind = row
    if not isinstance(site, str) or not isinstance(kind, str) or not site.strip() or not kind:
        return Problem(where, "a row needs a site and a class", accepted="columns site,class")
    if kind.strip() not in CLASSES:
        return Problem(where, f"unknown class {kind.strip()!r}", accepted=", ".join(CLASSES),
                       suggestion=nearest(kind.strip(), CLASSES))  # fmt: skip
    try:
        known = site_of(site)
    except ValueError:
        known = ""
    if registrable(known) is None:
        return Problem(where, f"{site.strip()!r} is no site, or a suffix below which everybody"
                              " registers", accepted="a host, with or without a path")  # fmt: skip
    if known in sites:
        return Problem(where, f"{site.strip()!r} is listed twice")
    return None


def _from_csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            yield Row(f"{path}:{line}", row.get("site"), row.get("class"))


def _from_parquet(path: Path) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        missing = [name for name in _COLUMNS if name not in file.schema_arrow.names]
        if missing:
            raise PolicyError(Problem(str(path), f"no column {missing[0]!r}",
                                      accepted="columns site,class"))  # fmt: skip
        table = file.read(columns=list(_COLUMNS))
    for place, row in enumerate(table.to_pylist()):
        yield Row(f"{path} row {place}", row["site"], row["class"])


def _from_yaml(path: Path) -> Iterator[Row]:
    found = document.read(path.read_text(encoding="utf-8"))
    if found.faults or not isinstance(found.root, dict):
        faults = found.faults or [document.Fault(1, "a source table maps classes to sites")]
        raise PolicyError([Problem(f"{path}:{one.line}", one.what) for one in faults])
    for kind, listed in found.root.items():
        if kind == _TRUST:
            yield from _from_trust(path, found)
            continue
        where = f"{path}:{found.line((kind,))}"
        if not isinstance(listed, list):
            raise PolicyError(Problem(where, f"{kind!r} needs a list of sites"))
        for place, site in enumerate(listed):
            yield Row(f"{path}:{found.line((kind, place))}", site, kind)


def _from_trust(path: Path, found: Document) -> Iterator[Row]:
    """A row for each publisher whom an association vouches for, as its folder of files shows."""
    given = found.root[_TRUST]
    where = f"{path}:{found.line((_TRUST,))}"
    if not isinstance(given, dict) or given.keys() != {"folder", "associations"}:
        raise PolicyError(Problem(where, f"{_TRUST!r} needs a folder and associations",
                                  accepted="keys folder, associations"))  # fmt: skip
    if not isinstance(given["folder"], str) or not isinstance(given["associations"], list):
        raise PolicyError(Problem(where, "folder is a path, associations a list of sites"))
    folder = path.parent / given["folder"]
    if not folder.is_dir():
        raise PolicyError(Problem(where, f"{str(folder)!r} is no folder"))
    files = {one.stem: _head(one) for one in sorted(folder.glob("*.txt"))}
    for site in vouched(files, map(str, given["associations"])):
        yield Row(where, site, "publisher")


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_CHARACTERS).decode("utf-8", "replace")


_READERS: Final = {
    ".csv": _from_csv, ".parquet": _from_parquet, ".yaml": _from_yaml, ".yml": _from_yaml,
}  # fmt: skip
