"""Make the manifest of a corpus: what it was built from, what it contains, and how its splits were made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.assignment import Assignment
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.leakage.report import LeakReport
from drumtok.dataset.sources import HASHES, Source
from drumtok.dataset.splitter import NO_SPLIT, TRAIN
from drumtok.tokenizer.labels import KINDS
from drumtok.tokenizer.splits import HELD_OUT_FRACTION, SPLITS
from drumtok.version import __version__


def corpus_manifest(
    made: Assignment,
    sources: Sequence[Source],
    config: CorpusConfig,
    counts: Counter[str],
    styles: Sequence[str],
    meters: Sequence[str],
    words: Sequence[NDArray[np.int64]],
    statuses: Counter[str],
    leaks: LeakReport,
    limits: LeakLimits,
) -> dict[str, Any]:
    """Return the manifest for JSON.

    Args:
        counts: the counts of `drumtok.dataset.ingest.ingest`.
        styles, meters: in the order of their numbers.
        words: the count of each hit word in each split.
        statuses: status -> items.
    """
    songs, splits = made.songs, made.song_splits
    kinds = np.bincount(songs["kind"][splits != NO_SPLIT], minlength=len(KINDS)).tolist()
    return {
        "drumtok": __version__,
        "config": asdict(config),
        "sources": [_source(source, number, made, counts) for number, source in enumerate(sources)],
        "splits": _sizes(made, np.ones(len(songs), dtype=bool)),
        "kinds": {kind: count for kind, count in zip(KINDS, kinds, strict=True) if count},
        "styles": list(styles),
        "meters": list(meters),
        "played": {name: int(songs["played"][splits == number].sum()) for number, name in enumerate(SPLITS)},
        "items": statuses,
        "vocabulary": _vocabulary(words),
        "split_rule": _split_rule(made),
        "leaks": {**leaks.figures(), "limits": asdict(limits)},
    }


def _source(source: Source, number: int, made: Assignment, counts: Counter[str]) -> dict[str, Any]:
    return {
        "name": source.name,
        "sha256": f"{counts[f'hash {number}'] % HASHES:064x}",
        "licence": source.licence,
        "note_map": source.drums.note_map,
        "weight": source.weight,
        "splits": _sizes(made, made.song_sources == number),
    }


def _sizes(made: Assignment, among: NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """Count the songs, bars and words of each split among some songs."""
    sizes = {}
    for number, name in enumerate(SPLITS):
        chosen = made.songs[among & (made.song_splits == number)]
        counted = {key: int(chosen[key].sum(dtype=np.int64)) for key in ("bars", "words")}
        sizes[name] = {"songs": len(chosen), **counted}
    return sizes


def _vocabulary(words: Sequence[NDArray[np.int64]]) -> dict[str, dict[str, int]]:
    """Count the different hit words of each split, and those of them that never occur in training."""
    known = words[TRAIN] > 0
    return {
        name: {"words": int((own > 0).sum()), "not_in_training": int(((own > 0) & ~known).sum())}
        for name, own in zip(SPLITS, words, strict=True)
    }


def _split_rule(made: Assignment) -> dict[str, Any]:
    """Count how the splits were assigned (`drumtok.dataset.splitter`): by item, and clusters by song."""
    sounding = made.items["songs"] > 0
    _, sizes = np.unique(made.clusters, return_counts=True)
    return {
        "unit": "a source song with its near-duplicates; of recombined loops the part",
        "held_out_share": HELD_OUT_FRACTION,
        "official": int((sounding & (made.items["split"] != NO_SPLIT)).sum()),
        "by_parts": int((sounding & (made.items["split"] == NO_SPLIT) & (made.items["parts"] > 0)).sum()),
        "left_out": int((sounding & (made.splits == NO_SPLIT)).sum()),
        "groups": len(np.unique(made.groups[sounding])),
        "clusters": len(sizes),
        "songs_with_near_duplicates": int(sizes[sizes > 1].sum()),
    }
