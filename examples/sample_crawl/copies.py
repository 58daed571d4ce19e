"""Copies, as the web makes them: mirrors, light edits, excerpts, tracking parameters, revisits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from sample_crawl.blocks import Block, length
from sample_crawl.capture import CRAWLS, NEW_CRAWLS, Capture, moment
from sample_crawl.pages import MIXED_SITES, Page, PageMaker, Site
from sample_crawl.texts import Text

TRACKING = ("utm_source=newsletter&utm_medium=email", "fbclid=IwAR0sample", "ref=frontpage")
EDITS = {
    "however": "though",
    "therefore": "so",
    "several": "some",
    "used": "employed",
    "must": "has to",
    "which": "that",
    "usually": "mostly",
    "essential": "vital",
}
KEPT_OF_CUT_PAGE = 0.6  # of the payload's bytes, when the crawler stopped reading
KEPT_OF_EXCERPT = 0.6  # of the text's characters, when the copying site shows an excerpt
CHARS_OF_EDITABLE = 1500  # a few changed words leave texts of this length near-duplicates


def mirrors(maker: PageMaker, pages: Sequence[Page]) -> Iterator[Page]:
    """The texts of old pages, captured years later on another host in another template."""
    for page in pages:
        site = _other_site(maker.rng, page)
        yield maker.page(
            page.text,
            site,
            date=moment(maker.rng, NEW_CRAWLS),
            kind="mirror",
            dup_of=page.capture.record_id,
        )


def near_duplicates(maker: PageMaker, pages: Sequence[Page]) -> Iterator[Page]:
    """The texts of `pages` with a few words changed, on another host, later."""
    for page in pages:
        date = moment(maker.rng, NEW_CRAWLS, after=page.capture.date)
        text = replace(page.text, blocks=_lightly_edited(page.text.blocks))
        yield maker.page(
            text,
            _other_site(maker.rng, page),
            date=date,
            kind="near_dup",
            dup_of=page.capture.record_id,
        )


def excerpts(maker: PageMaker, pages: Sequence[Page]) -> Iterator[Page]:
    """The beginnings of the texts of `pages`, on another host, later."""
    for page in pages:
        date = moment(maker.rng, NEW_CRAWLS, after=page.capture.date)
        text = replace(page.text, blocks=_beginning(page.text))
        yield maker.page(
            text,
            _other_site(maker.rng, page),
            date=date,
            kind="excerpt",
            dup_of=page.capture.record_id,
        )


def tracked_copies(rng: Random, pages: Sequence[Page]) -> Iterator[Capture]:
    """The same bytes under an address with a tracking parameter, later in the same crawl."""
    for page in pages:
        capture = page.capture
        yield replace(
            capture,
            url=f"{capture.url}?{rng.choice(TRACKING)}",
            date=moment(rng, [capture.crawl], after=capture.date),
            origin=replace(capture.origin, kind="exact_dup", dup_of=capture.record_id),
        )


def cut_copies(rng: Random, pages: Sequence[Page]) -> Iterator[Capture]:
    """Second captures of `pages` that the crawler stopped reading, marked WARC-Truncated."""
    for page in pages:
        capture = page.capture
        yield replace(
            capture,
            date=moment(rng, [capture.crawl], after=capture.date),
            origin=replace(capture.origin, kind="truncated_copy", dup_of=capture.record_id),
            body=capture.body[: int(KEPT_OF_CUT_PAGE * len(capture.body))],
            truncated="length",
        )


def revisits(rng: Random, pages: Sequence[Page]) -> Iterator[Capture]:
    """Later captures that found the page unchanged: pointers without a payload."""
    for page in pages:
        capture = page.capture
        yield replace(
            capture,
            date=moment(rng, CRAWLS, after=capture.crawl.end),
            origin=replace(capture.origin, kind="revisit", dup_of=capture.record_id),
            refers_to=capture,
        )


def editable(pages: Sequence[Page]) -> list[Page]:
    """The pages whose texts are long enough to stay near-duplicates when a few words change."""
    return [page for page in pages if length(page.text.blocks) >= CHARS_OF_EDITABLE]


def _other_site(rng: Random, page: Page) -> Site:
    return rng.choice([site for site in MIXED_SITES if site.template != page.site.template])


def _lightly_edited(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """`blocks` with a word changed in every third, and a line that says so at the end."""
    edited = [_edited(block) if n % 3 == 0 else block for n, block in enumerate(blocks)]
    return (*edited, Block("p", "Reposted with small corrections."))


def _edited(block: Block) -> Block:
    words = block.text.split(" ")
    for position, word in enumerate(words):
        if word in EDITS and block.tag != "pre":
            words[position] = EDITS[word]
            break
    return replace(block, text=" ".join(words))


def _beginning(text: Text) -> tuple[Block, ...]:
    wanted = KEPT_OF_EXCERPT * length(text.blocks)
    kept: list[Block] = []
    for block in text.blocks:
        if kept and length(kept) + len(block.text) > wanted:
            break
        kept.append(block)
    return tuple(kept)
