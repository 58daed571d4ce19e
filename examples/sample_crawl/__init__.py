"""A small sample crawl, built offline from texts whose origin is known. See ../README.md."""
