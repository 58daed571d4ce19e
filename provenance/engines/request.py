"""What is asked of a run, checked before anything is read or written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from provenance.errors import InputError, OutputError, Problem
from provenance.sources.inputs import InputFile
from provenance.sources.open import is_remote, local_path

_COUNTS = ("workers", "batch_size", "slice_bytes", "limit_record_bytes")


def check_options(options: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raises TypeError for an option that does not exist, InputError for numbers below 1."""
    for name in options.keys() - set(known):
        raise TypeError(f"unexpected keyword argument {name!r}; the options are {sorted(known)}")
    problems = [
        Problem(name, f"is {options[name]!r}", accepted="a whole number, 1 or more")
        for name in _COUNTS
        if options.get(name) is not None and not _is_count(options[name])
    ]
    if problems:
        raise InputError(problems)


def check_place(out: Path, inputs: Iterable[str]) -> None:
    """Raises OutputError when `out` is, or is inside, an input: the next run would read it."""
    place = Path(os.path.realpath(out))
    for name in inputs:
        if not name:
            raise InputError(Problem("inputs", "an empty name was given"))
        if is_remote(name):
            continue
        given = Path(os.path.realpath(local_path(name)))
        if place == given or (given.is_dir() and given in place.parents):
            raise OutputError(
                Problem(
                    str(out),
                    f"lies inside the input {name}: the next run would read it",
                    accepted="a folder outside the inputs",
                )
            )


def check_file_names(files: Iterable[InputFile]) -> None:
    """Raises InputError naming every file whose name is not UTF-8: no table could name it."""
    problems = [
        Problem(legible(file.uri), "the file name is not UTF-8")
        for file in files
        if legible(file.uri) != file.uri
    ]
    if problems:
        raise InputError(problems)


def legible(name: str) -> str:
    """`name` with the bytes that are not UTF-8 written as `\\udcff`."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
