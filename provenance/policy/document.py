"""A YAML document as plain values, with the line of every one of them.

Policies are written by hand and may come from strangers: aliases, tags, deep nesting and large
files are refused before anything is built, and a key given twice is a fault, not a silent choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

LIMIT_BYTES: Final = 128 * 1024
DEPTH_LIMIT: Final = 16

#: Where a value stands: the keys and list positions that lead to it.
Path = tuple[str | int, ...]

_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at a line, counted from 1."""

    line: int
    what: str
    suggestion: str | None = None
    accepted: str | None = None


@dataclass(slots=True)
class Document:
    """Plain values (`root`), and for each path its line and its text as written."""

    root: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest enclosing value that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """`text` as a document. Its `faults` are empty when it is well formed."""
    document = Document()
    try:
        fault = _forbidden(text)
        node = None if fault else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        fault = Fault(_line(error.problem_mark), _syntax(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        fault = Fault(line, f"the character U+{error.character:04X} is not allowed in YAML")
    if fault:
        document.faults.append(fault)
    elif node is not None:
        document.root = _build(node, (), document)
    return document


def _forbidden(text: str) -> Fault | None:
    """The first construct that a policy may not use. Looks at events: builds nothing."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return Fault(line, "anchors and aliases (& and *) are not allowed in a policy")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            return Fault(line, f"more than {DEPTH_LIMIT} levels of nesting")
    return None


def _build(node: yaml.Node, path: Path, document: Document) -> Any:
    document.lines.setdefault(path, _line(node.start_mark))
    if node.tag not in _PLAIN_TAGS:
        document.faults.append(
            Fault(_line(node.start_mark), f"the tag {node.tag!r} is not allowed in a policy")
        )
        return None
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, index), document) for index, item in enumerate(node.value)]
    return _build_scalar(node, path, document)


def _build_mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            document.faults.append(Fault(line, "a key must be a plain name"))
            continue
        # As written: every key of a policy is text, so `2022` and `no` are not converted.
        key = key_node.value
        if key in mapping:
            first = document.lines[(*path, key)]
            document.faults.append(
                Fault(line, f"key {key!r} is given twice; first on line {first}")
            )
            continue
        document.lines[(*path, key)] = line
        mapping[key] = _build(value_node, (*path, key), document)
    return mapping


def _build_scalar(node: yaml.ScalarNode, path: Path, document: Document) -> Any:
    document.written[path] = node.value
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except ValueError as error:
        kind = node.tag.rpartition(":")[2]
        document.faults.append(
            Fault(_line(node.start_mark), f"{node.value[:40]!r} is no valid {kind}: {error}")
        )
        return None


def _line(mark: yaml.Mark | None) -> int:
    return mark.line + 1 if mark else 1


def _syntax(error: yaml.MarkedYAMLError) -> str:
    if "'\\t'" in (error.problem or ""):
        return "a tab; YAML indents with spaces only"
    if isinstance(error, yaml.composer.ComposerError):
        return "a second document starts here; a policy is one"
    return f"no valid YAML: {error.problem}"
