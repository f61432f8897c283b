"""The version of drumtok, written once."""

__version__ = "0.7.0"
