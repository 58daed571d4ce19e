"""Facts in a record's header that need reading: the host of an address, the instant of a date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@\\]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\\\s\[\]]+)", re.I)
_PATH = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*([^?#]*)", re.I)
_PARTS = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?)?)?")
_SECOND_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def host_of(url: str | None) -> str | None:
    """The host name in lower case, as written (no IDNA conversion); None when there is none."""
    match = _HOST.match(url) if url else None
    return match[1].lower() if match else None


def path_of(url: str | None) -> str:
    """The path of the address, or ""."""
    match = _PATH.match(url) if url else None
    return match[1] if match else ""


def instant_us(text: str | None) -> int | None:
    """Microseconds since 1970, UTC, of a capture date; None when it is no date.

    ISO 8601 of any precision (a missing part counts as its first value, a missing zone as UTC),
    or the 14 digits of ARC.
    """
    if not text:
        return None
    try:
        if "T" in text or "-" in text[5:]:
            return moment_us(datetime.fromisoformat(text))
    except ValueError:
        pass
    return _partial_us(text.strip())


def moment_us(moment: datetime | date) -> int:
    """Microseconds since 1970, UTC, of a date or time; without a zone it is taken as UTC."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _partial_us(text: str) -> int | None:
    match = _PARTS.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = [
        int(part) if part else None for part in match.groups()
    ]
    try:
        moment = datetime(
            year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC
        )
    except ValueError:
        return None
    return moment_us(moment)
