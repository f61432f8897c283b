"""The version of drumtok, written once."""

__version__ = "0.14.0"
