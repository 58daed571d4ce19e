"""Who appears in the sample: which texts become which pages, how many of each kind, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from sample_crawl import copies, oddities
from sample_crawl.blocks import length
from sample_crawl.capture import NEW_CRAWLS, OLD_CRAWLS, Capture, moment
from sample_crawl.pages import (
    ARCHIVE_SITES,
    CONTENT_FARMS,
    HUMAN_SITES,
    MIXED_SITES,
    PLAIN,
    Page,
    PageMaker,
    Trait,
)
from sample_crawl.texts import Text

OLD_PAGES = 180
NEW_PAGES = 110
FORUM_POSTS = 40
MIRRORS = 40
TRACKED_COPIES = 20
NEAR_DUPLICATES = 16
EXCERPTS = 6
CUT_COPIES = 6
REVISITS = 8
HUMAN_TEXTS = OLD_PAGES + NEW_PAGES + FORUM_POSTS


class TooFewTextsError(Exception):
    """This Python installation carries less documentation than the sample needs."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Every capture of the sample, and the human texts and pages that the forum takes up."""

    captures: tuple[Capture, ...]
    forum_texts: tuple[Text, ...]
    quoted: tuple[Page, ...]


def cast(human: Sequence[Text], synthetic: Sequence[Text], *, seed: int) -> Cast:
    """The whole sample. The same texts and seed give the same cast."""
    rng = Random(seed)
    texts = _chosen(human, rng)
    maker = PageMaker([text.title for text in texts], rng)
    old = list(_old_pages(maker, texts[:OLD_PAGES]))
    new = list(_new_pages(maker, texts[OLD_PAGES : OLD_PAGES + NEW_PAGES]))
    machine = list(_machine_pages(maker, synthetic))
    captures = [page.capture for page in (*old, *new, *machine)]
    captures += _copies(maker, old=old, new=new, machine=machine)
    captures += oddities.oddities(rng)
    return Cast(tuple(captures), tuple(texts[-FORUM_POSTS:]), (*old[:2], *machine[:2]))


def _chosen(human: Sequence[Text], rng: Random) -> list[Text]:
    """The longest texts, shuffled."""
    if len(human) < HUMAN_TEXTS:
        raise TooFewTextsError(
            f"this Python installation carries {len(human)} usable documentation texts, "
            f"{HUMAN_TEXTS} are needed; some distributions ship the library's sources separately"
        )
    texts = sorted(human, key=lambda text: -length(text.blocks))[:HUMAN_TEXTS]
    rng.shuffle(texts)
    return texts


def _old_pages(maker: PageMaker, texts: Sequence[Text]) -> Iterator[Page]:
    for text in texts:
        site = maker.rng.choice(ARCHIVE_SITES)
        yield maker.page(text, site, date=moment(maker.rng, OLD_CRAWLS), kind="human_page")


def _new_pages(maker: PageMaker, texts: Sequence[Text]) -> Iterator[Page]:
    traits = _traits([oddities.UTF8_DECLARED_LATIN1] * 2 + [oddities.CP1252_DECLARED_UTF8] * 2)
    for number, text in enumerate(texts):
        site = maker.rng.choice(MIXED_SITES + HUMAN_SITES)
        page = maker.page(
            text, site, date=moment(maker.rng, NEW_CRAWLS), kind="human_page", trait=next(traits)
        )
        if number == len(texts) - 1:
            page = oddities.damaged(page)
        elif number >= len(texts) - 5:
            page = oddities.chunked(page)
        yield page


def _machine_pages(maker: PageMaker, texts: Sequence[Text]) -> Iterator[Page]:
    odd = _traits([*oddities.DECLARED_SYNTHETIC * 2, *[oddities.FALSE_DATE] * 4])
    charset = {"de": oddities.UTF8_DECLARED_LATIN1, "fr": oddities.CP1252_DECLARED_UTF8}
    for text in texts:
        site = maker.rng.choice(MIXED_SITES + CONTENT_FARMS)
        trait = next(odd) if text.language == "en" else charset.get(text.language, PLAIN)
        yield maker.page(
            text, site, date=moment(maker.rng, NEW_CRAWLS), kind="ai_page", trait=trait
        )


def _traits(first: Sequence[Trait]) -> Iterator[Trait]:
    yield from first
    yield from cycle([PLAIN])


def _copies(
    maker: PageMaker,
    *,
    old: Sequence[Page],
    new: Sequence[Page],
    machine: Sequence[Page],
) -> Iterator[Capture]:
    """Copies of sound pages only: what is odd about an original would be odd about its copy."""
    fresh = [
        page
        for page in (*new, *machine)
        if page.capture.origin.note is None
        and page.capture.origin.kind != "damaged"
        and page.text.language == "en"
    ]
    maker.rng.shuffle(fresh)
    near = maker.rng.sample(copies.editable([*old, *fresh]), NEAR_DUPLICATES)
    pages = [
        *copies.mirrors(maker, maker.rng.sample(old, MIRRORS)),
        *copies.near_duplicates(maker, near),
        *copies.excerpts(maker, maker.rng.sample(copies.editable(fresh), EXCERPTS)),
    ]
    yield from (page.capture for page in pages)
    yield from copies.tracked_copies(maker.rng, fresh[:TRACKED_COPIES])
    yield from copies.cut_copies(maker.rng, fresh[TRACKED_COPIES : TRACKED_COPIES + CUT_COPIES])
    yield from copies.revisits(maker.rng, old[:REVISITS])
