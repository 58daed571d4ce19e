"""The program that a page's `generator` element names: a weak feature, and never a verdict.

Site builders and content systems say how a page was built, not who wrote its text, so they are no
fact at all. Only the name of a program that writes text is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from provenance.evidence.facts import Fact

_TAG_BYTES: Final = 1024
_TAG: Final = re.compile(rb"<meta\s[^>]{1,%d}>" % _TAG_BYTES, re.IGNORECASE)
_CONTENT: Final = re.compile(
    rb"""\bcontent\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+))""", re.IGNORECASE
)
#: Programs whose product is text. Checked in November 2026; their makers' own spelling.
_WRITERS: Final = re.compile(
    r"""\b(?:
        ai[\s_-]?(?:writer|writing|content|article|text|blog|author|copywriter|generat\w*)
        | (?:article|content|text|blog)[\s_-]?(?:generator|spinner)
        | gpt | gpt-?\d\w* | chat-?gpt | openai | claude | gemini | copilot | deepseek | qwen
        | llama
        | jasper | copy\.ai | writesonic | rytr | anyword | wordtune | quillbot | koala\s?writer
        | article\s?forge | content\s?at\s?scale | byword | autoblogging | zimmwriter | seowriting
        | (?:large\s)?language\smodel | llm
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)


def generator_facts(page: bytes, places: Iterable[int]) -> list[Fact]:
    """A fact for each `generator` element that names a program which writes text.

    places: where in `page` the attribute value `generator` stands.
    """
    contents = (_content(page, place) for place in places)
    return [
        Fact("generator_writes_text", "synthetic", "weak", f"meta generator: {content}")
        for content in contents
        if content and _WRITERS.search(content)
    ]


def _content(page: bytes, place: int) -> str | None:
    """The content of the `meta` element around `place`; None when there is none."""
    start = page.rfind(b"<", max(0, place - _TAG_BYTES), place)
    tag = _TAG.match(page, max(start, 0))
    if start < 0 or tag is None or tag.end() < place:
        return None
    content = _CONTENT.search(tag[0])
    if content is None:
        return None
    return (content[1] or content[2] or content[3] or b"").decode("utf-8", "replace")[:100]
