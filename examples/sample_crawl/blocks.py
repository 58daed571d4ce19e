"""Plain text to blocks (headings, paragraphs, items, code) and blocks to HTML.

Human and synthetic texts get the same four tags: the markup does not tell them apart.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import dedent

UNDERLINE = re.compile(r"([=*\-~^\"#+])\1{2,}")
BULLET = re.compile(r"(?:[*\-] +|\d+\. +)")
SYMBOLS = re.compile(r"[=()\[\]{}<>|_/\\+*]")
SYMBOL_SHARE_OF_CODE = 0.05  # prose in the standard library's documentation stays below this


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text. `tag` is its HTML element: h2, p, li or pre."""

    tag: str
    text: str


def from_markdown(text: str) -> tuple[Block, ...]:
    """The blocks of a text in the small Markdown of `synthetic_texts.jsonl`."""
    return tuple(_markdown_block(line) for line in text.split("\n") if line.strip())


def _markdown_block(line: str) -> Block:
    plain = line.replace("**", "")
    if plain.startswith("## "):
        return Block("h2", plain[3:])
    if bullet := BULLET.match(plain):
        return Block("li", plain[bullet.end() :])
    return Block("p", plain)


def from_documentation(text: str) -> tuple[Block, ...]:
    """The blocks of a hard-wrapped documentation text, as docstrings and pydoc topics are."""
    chunks = re.split(r"\n[ \t]*\n", text.expandtabs().strip("\n"))
    return tuple(block for chunk in chunks if chunk.strip() for block in _chunk_blocks(chunk))


def _chunk_blocks(chunk: str) -> Iterator[Block]:
    lines = dedent(chunk).strip().splitlines()
    if len(lines) > 1 and UNDERLINE.fullmatch(lines[1].strip()):
        yield Block("h2", lines[0].strip())
        if len(lines) > 2:
            yield from _chunk_blocks("\n".join(lines[2:]))
    elif BULLET.match(lines[0]):
        yield from (Block("li", item) for item in _items(lines))
    elif _is_code(lines, indented=chunk.startswith(" ")):
        yield Block("pre", "\n".join(lines))
    else:
        yield Block("p", _unwrap(lines))


def _items(lines: Sequence[str]) -> list[str]:
    items: list[list[str]] = []
    for line in lines:
        if bullet := BULLET.match(line):
            items.append([line[bullet.end() :]])
        else:
            items[-1].append(line)
    return [_unwrap(item) for item in items]


def _is_code(lines: Sequence[str], *, indented: bool) -> bool:
    if lines[0].startswith((">>>", "$ ", "#!")) or UNDERLINE.search(lines[-1]):
        return True
    if not indented and not any(line.startswith(" ") for line in lines[1:]):
        return False
    text = "".join(lines)
    return len(SYMBOLS.findall(text)) > SYMBOL_SHARE_OF_CODE * len(text)


def _unwrap(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines)


def length(blocks: Sequence[Block]) -> int:
    """Characters of all blocks."""
    return sum(len(block.text) for block in blocks)


def prose_length(blocks: Sequence[Block]) -> int:
    """Characters of the blocks that are sentences: paragraphs and items."""
    return sum(len(block.text) for block in blocks if block.tag in ("p", "li"))


def to_text(blocks: Sequence[Block]) -> str:
    """The blocks as plain text, a blank line between them."""
    return "\n\n".join(block.text for block in blocks)


def to_html(blocks: Sequence[Block]) -> str:
    """The blocks as HTML; neighbouring items share one list."""
    parts: list[str] = []
    for tag, group in groupby(blocks, key=lambda block: block.tag):
        elements = [f"<{tag}>{html.escape(block.text, quote=False)}</{tag}>" for block in group]
        parts.extend(["<ul>", *elements, "</ul>"] if tag == "li" else elements)
    return "\n".join(parts)
