"""Texts to web pages: invented sites, each with its template, and the HTML around a text."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from string import Template

from sample_crawl.blocks import to_html, to_text
from sample_crawl.capture import Capture, Origin
from sample_crawl.texts import Text

TEMPLATES = Path(__file__).parent / "templates"
RELATED_LINKS = 5


@dataclass(frozen=True, slots=True)
class Site:
    """An invented site. Hosts end in .example, which RFC 2606 keeps out of the real DNS."""

    host: str
    name: str
    template: str


#: Sites that the old crawls found: they hold human text only.
ARCHIVE_SITES = (
    Site("docs-archive.example", "Documentation Archive", "reference"),
    Site("handbook.example", "The Handbook", "plain_nineties"),
    Site("code-wiki.example", "CodeWiki", "wiki"),
    Site("lists.example", "dev-list", "mailing_list"),
    Site("notes.example", "Margin Notes", "minimal"),
)
#: Sites of the new crawls with texts of both origins: their host and template tell nothing.
MIXED_SITES = (
    Site("helpdesk.example", "Helpdesk", "knowledge_base"),
    Site("daily-guide.example", "The Daily Guide", "magazine"),
    Site("boards.example", "Boards", "forum"),
    Site("longread.example", "Longread", "blog"),
    Site("open-wiki.example", "OpenWiki", "wiki"),
    Site("small-web.example", "Small Web", "minimal"),
)
#: Sites that publish machine-written text, and one each of their templates with human text.
CONTENT_FARMS = (
    Site("best-tips-hub.example", "Best Tips Hub", "landing"),
    Site("lifestyle-today.example", "Lifestyle Today", "magazine"),
)
HUMAN_SITES = (
    Site("startup-docs.example", "Startup Docs", "landing"),
    Site("api-mirror.example", "API Mirror", "reference"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A capture together with the text and the site that it was made from."""

    capture: Capture
    text: Text
    site: Site


@dataclass(frozen=True, slots=True)
class Trait:
    """What is odd about a page. `note` names it in the truth file.

    `encoding` is what the bytes are in, `declared` what header and page say; `headers` and `head`
    are added to the HTTP response and to the HTML head; `claimed` is the date printed on the page.
    """

    note: str | None = None
    encoding: str = "utf-8"
    declared: str = "utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    head: str = ""
    claimed: datetime | None = None


PLAIN = Trait()


@dataclass(frozen=True, slots=True)
class PageMaker:
    """Makes pages; `titles` fill the lists of related links, `rng` is the sample's one chance."""

    titles: Sequence[str]
    rng: Random

    def page(
        self,
        text: Text,
        site: Site,
        *,
        date: datetime,
        kind: str,
        trait: Trait = PLAIN,
        dup_of: str | None = None,
    ) -> Page:
        """`text` on `site`, captured at `date`."""
        published = trait.claimed or date - timedelta(days=self.rng.randint(1, 60))
        markup = self._html(text, site, published=published, trait=trait)
        capture = Capture(
            url=address(site, text),
            date=date,
            origin=Origin(kind, text.label, text.language, dup_of, trait.note),
            body=markup.encode(trait.encoding, errors="xmlcharrefreplace"),
            content_type=f"text/html; charset={trait.declared}",
            headers=trait.headers,
        )
        return Page(capture, text, site)

    def _html(self, text: Text, site: Site, *, published: datetime, trait: Trait) -> str:
        related = self.rng.sample(self.titles, RELATED_LINKS)
        return _template(site.template).substitute(
            language=text.language,
            charset=trait.declared,
            title=html.escape(text.title),
            site=html.escape(site.name),
            head=trait.head,
            content=to_html(text.blocks),
            related=_link_list(related),
            published=f"{published:%Y-%m-%d}",
            year=published.year,
        )


def address(site: Site, text: Text) -> str:
    """The address of `text` on `site`: a readable part and a few letters that make it unique."""
    slug = re.sub(r"[^a-z0-9]+", "-", text.title.lower()).strip("-")[:60] or text.language
    content = f"{text.title}\n{to_text(text.blocks)}".encode()
    return f"https://{site.host}/{slug}-{hashlib.blake2b(content, digest_size=3).hexdigest()}"


@cache
def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.html").read_text("utf-8"))


def _link_list(titles: Sequence[str]) -> str:
    items = (f'<li><a href="/related/{n}/">{html.escape(t)}</a></li>' for n, t in enumerate(titles))
    return f"<ul>{''.join(items)}</ul>"
