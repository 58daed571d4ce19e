"""Where the texts come from: people wrote Python's documentation, a language model the rest."""

from __future__ import annotations

import ast
import codecs
import inspect
import json
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

from sample_crawl.blocks import Block, from_documentation, from_markdown, length, prose_length

PART_CHARS = 3200  # long documentation is cut into pages of about this size, at block borders
MIN_PROSE_CHARS = 480
MIN_PROSE_SHARE = 0.6
SHINGLE_WORDS = 8
MAX_REPEATED_SHARE = 0.1
TEXT_FILES = {
    "About IDLE": "idlelib/README.txt",
    "Writing an IDLE extension": "idlelib/extend.txt",
    "The early history of IDLE": "idlelib/HISTORY.txt",
    "Architecture of the email package": "email/architecture.rst",
    "Python licence": "LICENSE.txt",
}
SKIPPED_FOLDERS = {"site-packages", "dist-packages", "test", "tests", "idle_test", "__pycache__"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text of known origin. `label` is human or ai, `language` an ISO 639-1 code."""

    title: str
    blocks: tuple[Block, ...]
    label: str
    language: str = "en"


def synthetic_texts(path: Path) -> list[Text]:
    """The texts that a language model wrote for this sample, in the file's order."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Text(row["title"], from_markdown(row["text"]), label="ai", language=row["language"])
        for row in rows
    ]


def human_texts() -> list[Text]:
    """Documentation that this Python installation carries, no text twice, in a fixed order.

    The same Python version gives the same texts.
    """
    stdlib = Path(sysconfig.get_path("stdlib"))
    documents = [*_topics(), *_text_files(stdlib), *_docstrings(stdlib), *_zen(stdlib)]
    parts = (part for title, text in documents for part in _parts(title, text))
    return list(_without_repeats(part for part in parts if _is_prose(part)))


def _topics() -> Iterator[tuple[str, str]]:
    for name, text in sorted(topics.items()):
        yield text.strip().partition("\n")[0] or name, text


def _text_files(stdlib: Path) -> Iterator[tuple[str, str]]:
    """The text files that are there: distributions differ in what they install."""
    for title, name in TEXT_FILES.items():
        for path in (stdlib / name, Path(sys.base_prefix) / name):
            if path.exists():
                yield title, path.read_text("utf-8", errors="replace")
                break


def _docstrings(stdlib: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(stdlib.rglob("*.py")):
        relative = path.relative_to(stdlib)
        if SKIPPED_FOLDERS.isdisjoint(relative.parts):
            module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            yield from _docstrings_of(module, path.read_bytes())


def _docstrings_of(module: str, source: bytes) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # some installations carry templates that are no Python
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            name = module if isinstance(node, ast.Module) else f"{module}.{node.name}"
            if docstring and len(docstring) >= MIN_PROSE_CHARS:
                yield f"Notes on {name}", inspect.cleandoc(docstring)


def _zen(stdlib: Path) -> Iterator[tuple[str, str]]:
    """The text of the module `this`, read and not imported, since importing prints it."""
    path = stdlib / "this.py"
    if path.exists():
        strings = (
            node
            for node in ast.walk(ast.parse(path.read_bytes()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        text = codecs.decode(str(next(strings).value), "rot13")
        title, _, verses = text.partition("\n")
        yield title, verses


def _parts(title: str, text: str) -> Iterator[Text]:
    blocks = from_documentation(text)
    if blocks and blocks[0].text == title:
        blocks = blocks[1:]
    for number, part in enumerate(_cut(blocks), start=1):
        yield Text(title if number == 1 else f"{title}, part {number}", part, label="human")


def _cut(blocks: Iterable[Block]) -> Iterator[tuple[Block, ...]]:
    part: list[Block] = []
    for block in blocks:
        if part and length(part) + len(block.text) > PART_CHARS:
            yield tuple(part)
            part = []
        part.append(block)
    if part:
        yield tuple(part)


def _is_prose(text: Text) -> bool:
    prose = prose_length(text.blocks)
    return prose >= max(MIN_PROSE_CHARS, MIN_PROSE_SHARE * length(text.blocks))


def _without_repeats(texts: Iterable[Text]) -> Iterator[Text]:
    """`texts` without those that repeat an earlier one, so that the truth can name every copy."""
    seen: set[str] = set()
    for text in texts:
        shingles = _shingles(text)
        if len(shingles & seen) <= MAX_REPEATED_SHARE * len(shingles):
            yield text
            seen |= shingles


def _shingles(text: Text) -> set[str]:
    words = " ".join(block.text for block in text.blocks).lower().split()
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return {" ".join(words[start : start + SHINGLE_WORDS]) for start in range(last)}
