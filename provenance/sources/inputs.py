"""What the user names, as a list of files: files, folders, globs, addresses, lists of paths."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from provenance.errors import InputError, Problem, nearest
from provenance.sources.codecs import codec
from provenance.sources.formats import ACCEPTED, Kind, by_bytes, by_name
from provenance.sources.limits import Limits
from provenance.sources.members import Members, plain_pieces
from provenance.sources.open import is_remote, local_path, open_source, translated_errors

COMMON_CRAWL = "https://data.commoncrawl.org/"
PATHS_LIMIT_BYTES = 2**28
PROBE_THREADS = 16
_WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read. uri: as given, or found below what was given. name: POSIX path relative
    to its input root, unique among all inputs. size: bytes, None when not asked yet (entries of a
    list of paths)."""

    uri: str
    name: str
    size: int | None
    format: str
    compression: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to read, in reading order, and what below a folder or glob is not read: each
    as "name: why", the name relative to its input root."""

    files: tuple[InputFile, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A file before it is looked into. is_named: the user named it, not its folder."""

    uri: str
    name: str
    is_named: bool


def list_inputs(inputs: Sequence[str], *, base: str | None = None) -> Inputs:
    """The files behind `inputs`: roots in the order given, names sorted within each, a file that
    is reached twice counted once.

    base: what the entries of a `*.paths.gz` list are relative to; by default the files beside the
    list where they exist, else Common Crawl's own address. Raises InputError with every problem.
    """
    problems: list[Problem] = []
    skipped: list[str] = []
    files: dict[str, InputFile] = {}
    for given in inputs:
        try:
            found = sorted(_expand(given), key=lambda file: file.name)
        except OSError as error:
            problems.append(Problem(given, _reason(error), suggestion=_similar(given)))
            continue
        for file in _probe(found, base, problems, skipped):
            files.setdefault(_identity(file.uri), file)
    if not problems and not files:
        problems.append(Problem("inputs", "no file to read was found", accepted=ACCEPTED))
    if problems:
        raise InputError(problems)
    return Inputs(tuple(_distinct(list(files.values()))), tuple(skipped))


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be opened ({error})"


def _similar(given: str) -> str | None:
    """The existing sibling that was most likely meant."""
    path = local_path(given)
    if is_remote(given) or not path.parent.is_dir():
        return None
    name = nearest(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    return str(path.with_name(name)) if name else None


def _identity(uri: str) -> str:
    return uri if is_remote(uri) else os.path.realpath(local_path(uri))


def _expand(given: str) -> Iterable[_Found]:
    """The files behind one input. Raises FileNotFoundError when there are none."""
    if is_remote(given):
        with translated_errors(given):
            return _expand_remote(given)
    path = local_path(given)
    if path.is_dir():
        return _below(str(path), str(path))
    if path.exists():
        return [_Found(given, path.name, is_named=True)]
    if _WILDCARD.search(given):
        return _matching(str(path))
    raise FileNotFoundError(given)


def _below(folder: str, root: str) -> Iterator[_Found]:
    for where, _, names in os.walk(folder):
        for name in names:
            uri = os.path.join(where, name)  # noqa: PTH118  (keeps the form the user gave)
            yield _Found(uri, _relative(uri, root), is_named=False)


def _relative(uri: str, root: str) -> str:
    return PurePosixPath(Path(uri).relative_to(root)).as_posix()


def _matching(pattern: str) -> list[_Found]:
    root = str(Path(pattern[: _first_wildcard(pattern)] + "x").parent)
    found: list[_Found] = []
    for hit in glob.glob(pattern, recursive=True):  # noqa: PTH207  (pathlib loses the given form)
        if Path(hit).is_dir():
            found.extend(_below(hit, root))
        else:
            found.append(_Found(hit, _relative(hit, root), is_named=False))
    if not found:
        raise FileNotFoundError(pattern)
    return list({file.uri: file for file in found}.values())


def _first_wildcard(pattern: str) -> int:
    match = _WILDCARD.search(pattern)
    return match.start() if match else len(pattern)


def _expand_remote(given: str) -> list[_Found]:
    files, path = fsspec.core.url_to_fs(given)
    if _WILDCARD.search(path) and not given.startswith(("http://", "https://")):
        root = path[: _first_wildcard(path)].rpartition("/")[0]
        paths = [hit for hit in files.glob(path) if not files.isdir(hit)]
    elif files.isfile(path):
        return [_Found(given, given.rpartition("/")[2], is_named=True)]
    else:
        root = path.rstrip("/")
        paths = files.find(path)
    if not paths:
        raise FileNotFoundError(given)
    return [_Found(_uri(files, hit), hit[len(root) :].lstrip("/"), False) for hit in paths]


def _uri(files: Any, path: str) -> str:
    uri: str = files.unstrip_protocol(path)
    return uri


def _probe(
    found: Sequence[_Found], base: str | None, problems: list[Problem], skipped: list[str]
) -> Iterator[InputFile]:
    """Each found file with its format; what has none is a problem if named, else skipped."""
    with ThreadPoolExecutor(PROBE_THREADS) as pool:
        remote = found and is_remote(found[0].uri)
        looks = pool.map(_look, found) if remote else map(_look, found)
        for file, look in zip(found, looks, strict=True):
            if isinstance(look, str):
                _refuse(file, look, problems, skipped)
            elif look[0].format != "paths":
                yield InputFile(file.uri, file.name, look[1], *look[0])
            elif file.is_named:
                yield from _listed(file, look[0], base, problems)
            else:
                skipped.append(f"{file.name}: a list of paths; name it itself to read it")


def _look(file: _Found) -> tuple[Kind, int] | str:
    """The kind and size of the file; or why it is none of ours."""
    if not file.is_named and PurePosixPath(file.name).name.startswith("."):
        return "hidden file"
    try:
        with open_source(file.uri) as source:
            kind = by_bytes(source, file.name)
            return (kind, source.size) if kind else "of no known format"
    except OSError as error:
        return _reason(error)


def _refuse(file: _Found, why: str, problems: list[Problem], skipped: list[str]) -> None:
    if file.is_named:
        problems.append(Problem(file.uri, why, accepted=ACCEPTED))
    else:
        skipped.append(f"{file.name}: {why}")


def _listed(
    file: _Found, kind: Kind, base: str | None, problems: list[Problem]
) -> Iterator[InputFile]:
    for number, entry in enumerate(_entries(file.uri, kind), start=1):
        named = by_name(entry)
        if named is None or named.format == "paths" or ".." in PurePosixPath(entry).parts:
            problems.append(
                Problem(f"{file.uri}:{number}", f"{entry[:200]!r} is no path", accepted=ACCEPTED)
            )
            continue
        uri = _resolved(entry, file.uri, base)
        name = entry.partition("://")[2] or entry
        yield InputFile(uri, name.lstrip("/"), None, *named)


def _entries(uri: str, kind: Kind) -> list[str]:
    with open_source(uri) as source:
        chosen = codec(kind.compression, source)
        pieces = (
            Members(source, chosen, 0, begins=bool, limits=Limits())
            if chosen
            else plain_pieces(source, 0)
        )
        data = b""
        for piece in pieces:
            if piece.fault is not None or len(data) > PATHS_LIMIT_BYTES:
                raise InputError(Problem(uri, "the list of paths is damaged or too long"))
            data += piece.data
    return [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]


def _resolved(entry: str, list_uri: str, base: str | None) -> str:
    if is_remote(entry):
        return entry
    if base is not None:
        return base.rstrip("/") + "/" + entry.lstrip("/")
    if not is_remote(list_uri):
        folder = local_path(list_uri).parent
        for sibling in (folder / entry.lstrip("/"), folder / PurePosixPath(entry).name):
            if sibling.is_file():
                return str(sibling)
    return COMMON_CRAWL + entry.lstrip("/")


def _distinct(files: list[InputFile]) -> Iterator[InputFile]:
    """The files, with a name that several have made longer by the folders above, until it is the
    name of one: documents without an id of their own are named by it."""
    n_parts = dict.fromkeys(range(len(files)), 0)
    names = [file.name for file in files]
    while clashing := {name for name, n in Counter(names).items() if n > 1}:
        grown = False
        for index, file in enumerate(files):
            longer = _with_parents(file, n_parts[index] + 1)
            if names[index] in clashing and longer != names[index]:
                n_parts[index] += 1
                names[index], grown = longer, True
        if not grown:
            break
    yield from (replace(file, name=name) for file, name in zip(files, names, strict=True))


def _with_parents(file: InputFile, n_parents: int) -> str:
    above = PurePosixPath(_identity(file.uri)).parts[: -len(PurePosixPath(file.name).parts)]
    return "/".join([*(part.strip("/") for part in above[-n_parents:]), file.name]).lstrip("/")
