"""Fixtures for the tests of training."""

from tiny_run import corpus  # noqa: F401
