"""Corpora of one-shots: the class of a sound from its name, where it begins and ends, near-duplicates, splits."""
