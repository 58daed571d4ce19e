"""Crawl shards in, Arrow batches out: documents, and the reasons for what is none."""
