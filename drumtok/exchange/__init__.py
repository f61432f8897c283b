"""Formats of other tools: `Pattern` to and from Hydrogen, MusicXML and CSV, and as Strudel and Tidal code."""
