"""What counts as the same text, with the reasons for every default."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.errors import Problem, RequestError


@dataclass(frozen=True, slots=True)
class DedupParameters:
    """Parameters of the duplicate search.

    The defaults were chosen on a labelled crawl (benchmarks/quality/dedup.py and dedup.csv).

    num_perm: values in a signature.
    bands, rows: two texts whose signatures agree in all `rows` values of one of the `bands` are
        compared. 16 x 7 finds a pair of Jaccard 0.85 with probability 0.998 (Leskovec, Rajaraman
        and Ullman, Mining of Massive Datasets, 3.4: 1 - (1 - s**rows)**bands).
    min_jaccard: estimated Jaccard from which two pages of one site count as versions of one page,
        and from which texts with fewer than `min_shared` hashes of their own can be copies.
    min_containment: share of a text's own shingles (those that are no boilerplate) that must stand
        in another text for it to be covered by that text.
    min_whole: share of all its shingles, boilerplate included, that must stand there too, so that
        a short quotation in a page of boilerplate covers nothing.
    min_shared: sketch hashes, none of them boilerplate, that the two must share.
    boilerplate_pages, boilerplate_share: a shingle is boilerplate of a site when at least this
        many of its pages hold it, and at least this share of its pages.
    bucket_heads: in a bucket of equal keys every text is compared with this many of the earliest.
        A bucket of n texts costs at most n x bucket_heads comparisons. What is lost is a pair of
        two late texts that no other bucket brings together; when the bucket is one text copied
        often, its earliest copies cover the rest, and they are the ones that matter.
    """

    num_perm: int = 112
    bands: int = 16
    rows: int = 7
    min_jaccard: float = 0.85
    min_containment: float = 0.55
    min_whole: float = 0.15
    min_shared: int = 6
    boilerplate_pages: int = 2
    boilerplate_share: float = 0.1
    bucket_heads: int = 16

    def __post_init__(self) -> None:
        """Raises RequestError naming every parameter out of range."""
        problems = [
            Problem(f"dedup {name}", f"{getattr(self, name)} is out of range", accepted=accepted)
            for name, accepted, right in (
                ("num_perm", "1 or more", self.num_perm >= 1),
                ("bands", "bands * rows at most num_perm", self._bands_fit()),
                ("min_jaccard", "above 0, at most 1", 0 < self.min_jaccard <= 1),
                ("min_containment", "above 0, at most 1", 0 < self.min_containment <= 1),
                ("min_whole", "0 to 1", 0 <= self.min_whole <= 1),
                ("min_shared", "1 or more", self.min_shared >= 1),
                ("boilerplate_pages", "2 or more", self.boilerplate_pages >= 2),
                ("boilerplate_share", "0 to 1", 0 <= self.boilerplate_share <= 1),
                ("bucket_heads", "1 or more", self.bucket_heads >= 1),
            )
            if not right
        ]
        if problems:
            raise RequestError(problems)

    def _bands_fit(self) -> bool:
        return self.bands >= 1 and self.rows >= 1 and self.bands * self.rows <= self.num_perm
