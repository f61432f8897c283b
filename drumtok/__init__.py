"""drumtok: drum patterns that a model writes, a person steers and a DAW plays."""

__version__ = "0.1.0"
