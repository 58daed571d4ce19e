"""`digitalSourceType` of a page's text in its JSON-LD; what it says of images is not about text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from provenance.evidence import vocabulary
from provenance.evidence.declared import declared
from provenance.evidence.dom import Page
from provenance.evidence.facts import Fact

#: Property names are case-sensitive (JSON-LD 1.1, section 2).
_NEEDLES: Final = ("digitalSourceType", "aiDisclosure")
_SCRIPTS: Final = 'script[type^="application/ld+json" i]'
#: Of one page. A site's whole catalogue is no statement about a text.
MAX_SCRIPTS: Final = 32
MAX_SCRIPT_CHARACTERS: Final = 2**20
MAX_NODES: Final = 2000

#: Types of schema.org whose text is the page's own.
TEXT_TYPES: Final = frozenset(
    {"AboutPage", "AdvertiserContentArticle", "AnalysisNewsArticle", "Answer", "Article",
     "AskPublicNewsArticle", "BackgroundNewsArticle", "Blog", "BlogPosting", "Book", "Chapter",
     "CollectionPage", "CreativeWork", "CriticReview", "DiscussionForumPosting", "FAQPage",
     "HowTo", "ItemPage", "LiveBlogPosting", "MedicalScholarlyArticle", "MedicalWebPage",
     "NewsArticle", "OpinionNewsArticle", "ProfilePage", "QAPage", "Question", "Recipe", "Report",
     "ReportageNewsArticle", "Review", "ReviewNewsArticle", "SatiricalArticle",
     "ScholarlyArticle", "ShortStory", "SocialMediaPosting", "TechArticle", "WebPage",
     "WebPageElement"}
)  # fmt: skip
#: Properties that lead from a page's description to that of its own text.
_ABOUT_ITSELF: Final = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "acceptedAnswer")


def json_ld_facts(page: Page) -> list[Fact]:
    """What the page's JSON-LD declares of its text."""
    return [fact for script in _scripts(page) for fact in _script_facts(script)]


def _scripts(page: Page) -> Iterator[str]:
    for node in page.select(_SCRIPTS)[:MAX_SCRIPTS]:
        content: str = node.text
        if any(needle in content for needle in _NEEDLES):
            yield content


def _script_facts(script: str) -> Iterator[Fact]:
    value = None
    if len(script) <= MAX_SCRIPT_CHARACTERS:
        value = _parsed(script)
    if value is None:
        yield declared("unknown", "JSON-LD", "cannot be read")
        return
    for node in _nodes(value):
        if _is_text(node):
            yield from _node_facts(node)


def _parsed(script: str) -> Any:
    """The JSON value, or None when it is none; control characters in strings are forgiven."""
    try:
        return json.loads(script, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """The objects that describe the page itself or its parts, outermost first."""
    waiting, seen = [value], 0
    while waiting and seen < MAX_NODES:
        one = waiting.pop()
        seen += 1
        if isinstance(one, list):
            waiting.extend(reversed(one[:MAX_NODES]))
        elif isinstance(one, dict):
            yield one
            waiting.extend(one[name] for name in reversed(_ABOUT_ITSELF) if name in one)


def _is_text(node: dict[str, Any]) -> bool:
    return any(_name(kind) in TEXT_TYPES for kind in _listed(node.get("@type")))


def _node_facts(node: dict[str, Any]) -> Iterator[Fact]:
    for value in _values(node, "digitalSourceType"):
        yield declared(vocabulary.source_type(value), "JSON-LD digitalSourceType", value)
    for value in _values(node, "aiDisclosure", inner="level"):
        yield declared(vocabulary.meaning(value), "JSON-LD aiDisclosure", value)


def _values(node: dict[str, Any], name: str, *, inner: str = "@id") -> list[str]:
    """The strings under property `name`, with or without a prefix; of objects, their `inner`."""
    found = [node[key] for key in node if _name(key) == name]
    flat = [item for value in found for item in _listed(value)]
    names = [item.get(inner) if isinstance(item, dict) else item for item in flat]
    return [item for item in names if isinstance(item, str)]


def _listed(value: Any) -> list[Any]:
    """A value as JSON-LD means it: one thing is a list of one."""
    return value[:16] if isinstance(value, list) else [value]


def _name(term: Any) -> str:
    """`Article` of `schema:Article` or `https://schema.org/Article`."""
    return re.split(r"[/#:]", term)[-1] if isinstance(term, str) else ""
