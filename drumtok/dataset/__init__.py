"""Build corpora: sources of songs, their splits, shards on disk, and reports.

`corpus` opens and builds corpora (`build`: `ingest` reads sources, `splitter` assigns songs to splits, `assemble`
writes the folder). `leakage` checks for leaks between the splits; `augmentation` changes patterns and recombines
parts.
"""
