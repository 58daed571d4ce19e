"""Registrable domains: what the Public Suffix List says, and what it says nothing of."""

from __future__ import annotations

import pytest

from provenance.sources.domains import registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("user.github.io", "user.github.io"),
        ("blog.example", "blog.example"),
        ("www.xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("example.com.", "example.com"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("a..b", "a..b"),
        ("", ""),
    ],
)
def test_a_host_belongs_to_whoever_registered_it(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain
