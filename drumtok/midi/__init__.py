"""MIDI files: their events, which notes are drums, note maps, quantising, reading, writing, rewriting, ports."""
