"""The version of drumtok, written once."""

__version__ = "0.3.0"
