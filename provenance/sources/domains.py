"""Who a host belongs to, by the Public Suffix List that comes with the publicsuffixlist package."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registrable_domain(host: str) -> str:
    """The name below a public suffix that somebody registered: `example.co.uk`, `user.github.io`.

    A host without one (an IP address, a suffix itself, a name without a dot) stands for itself.
    """
    if _is_address(host):
        return host
    domain: str | None = _suffixes().privatesuffix(host.rstrip("."))
    return domain or host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 (reads its list, 90 ms)

    return PublicSuffixList()
