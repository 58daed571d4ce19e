"""Hosts and dates as crawlers wrote them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.sources.addresses import host_of, instant_us, moment_us, path_of


def us(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-24T15:29:02Z", us(2020, 1, 24, 15, 29, 2)),
        ("2020-01-24T15:29:02.250Z", us(2020, 1, 24, 15, 29, 2) + 250_000),
        ("2020-01-24T15:29:02.123456789Z", us(2020, 1, 24, 15, 29, 2) + 123_456),
        ("2020-01-24T15:29:02+02:00", us(2020, 1, 24, 13, 29, 2)),
        ("2020-01-24 15:29:02", us(2020, 1, 24, 15, 29, 2)),
        ("2017-02-18T10:00Z", us(2017, 2, 18, 10)),
        ("2017-02-18T10Z", us(2017, 2, 18, 10)),
        ("2017-02-18", us(2017, 2, 18)),
        ("2017-02", us(2017, 2, 1)),
        ("2017", us(2017, 1, 1)),
        ("20140216050221", us(2014, 2, 16, 5, 2, 21)),
        ("20140216", us(2014, 2, 16)),
        ("201404010000000000", us(2014, 4, 1)),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("2017-13-01", None),
        ("20140231000000", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_as_far_as_they_go(text: str | None, expected: int | None) -> None:
    assert instant_us(text) == expected


@given(st.text(max_size=30))
def test_no_date_is_an_exception(text: str) -> None:
    instant_us(text)


def test_moments_without_a_zone_are_utc() -> None:
    assert moment_us(datetime(2020, 1, 1, 12)) == us(2020, 1, 1, 12)
    assert moment_us(date(2020, 1, 1)) == us(2020, 1, 1)
    east = timezone(timedelta(hours=1))
    assert moment_us(datetime(2020, 1, 1, 12, tzinfo=east)) == us(2020, 1, 1, 11)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://User:pw@WWW.Example.ORG:8080/a/b?c#d", "www.example.org", "/a/b"),
        ("http://[2001:DB8::1]:80/x", "[2001:db8::1]", "/x"),
        ("http://münchen.example", "münchen.example", ""),
        ("http:///path", None, "/path"),
        ("http://[broken", None, ""),
        ("not a url", None, ""),
        ("http://a.example\\@b.example/", "a.example", "/"),
        (None, None, ""),
    ],
)
def test_hosts_and_paths_are_read_without_exceptions(
    url: str | None, host: str | None, path: str
) -> None:
    assert (host_of(url), path_of(url)) == (host, path)
