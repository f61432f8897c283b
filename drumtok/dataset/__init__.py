"""Corpora: sources, splits, shards, and the report on both."""
