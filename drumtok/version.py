"""The version of drumtok, written once."""

__version__ = "0.13.0"
