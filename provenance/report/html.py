"""HTML that cannot be broken out of: text is escaped on the way in, markup is a type of its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from provenance.report.printable import printable_line

VOID: Final = frozenset({"meta", "br", "input"})


class Markup(str):
    """Markup that `element` made. A plain string is text, whatever it looks like."""

    __slots__ = ()


def element(tag: str, *children: str | Markup, **attributes: str | int | float | None) -> Markup:
    """One element. Children that are no Markup, and all attributes, are escaped.

    attributes: a trailing underscore is dropped (`class_`), others become hyphens; None leaves the
    attribute out. What a terminal or browser would obey (control characters, marks that turn the
    writing direction) is written out, as in `printable`.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{joined(children)}</{tag}>")


def joined(children: Iterable[str | Markup]) -> Markup:
    """The children one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else text(one) for one in children))


def text(value: str) -> Markup:
    """`value` as text, on one line, quotes included: it may stand in an attribute too."""
    return Markup(escape(printable_line(value), quote=True))


def cut(value: str, n: int) -> str:
    """The first `n` characters of `value`, with an ellipsis where there were more."""
    return value if len(value) <= n else value[: n - 1] + "…"


def table(
    caption: str, heading: Sequence[str], rows: Iterable[Sequence[str | Markup]], *, left: int = 1
) -> Markup:
    """A table that scrolls on its own where the screen is narrow.

    left: how many columns are text; the others are numbers, to the right.
    """
    head = element("tr", *(element("th", name, scope="col", class_=_side(i, left))
                           for i, name in enumerate(heading)))  # fmt: skip
    body = joined(_row(row, left) for row in rows)
    inner = element(
        "table", element("caption", caption), element("thead", head), element("tbody", body)
    )
    return element("div", inner, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _row(row: Sequence[str | Markup], left: int) -> Markup:
    first, *rest = row
    cells = [element("td", cell, class_=_side(i, left)) for i, cell in enumerate(rest, start=1)]
    return element("tr", element("th", first, scope="row"), *cells)


def _side(column: int, left: int) -> str | None:
    return None if column < left else "n"


def document(
    title: str, *, style: str, body: Markup, script: str | None = None, sample: str | None = None
) -> str:
    """A whole page that loads nothing: one style sheet and at most one script, both inline.

    The content security policy allows exactly these two, by their digests, and no address.
    sample: a name that the script finds in the data of the body.
    """
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {_hash(style)}"
    if script is not None:
        policy += f"; script-src {_hash(script)}"
    head = joined([
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>{style}</style>"),
    ])  # fmt: skip
    end = Markup("") if script is None else Markup(f"<script>{script}</script>")
    page = element(
        "html", element("head", head), element("body", body, end, data_sample=sample), lang="en"
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
