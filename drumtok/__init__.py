"""drumtok: drum patterns that a model writes, a person steers and a DAW plays.

>>> import drumtok
>>> groove = drumtok.Pattern.from_grid("kick  |x-----x---x-----|\\nsnare |----X-------X---|", tempo=92)
>>> drumtok.to_words(groove)[:5]
['0b100000000', '0b000000000', '0b000000000', '0b000000000', '0b010000000']

The modules, in the order in which data flow through them:

version, errors
    the version, and the one family of errors
drums, notation, roles, pattern, tokens, touch, touchbins, performance, recall, labels, context, text
    the kit, grid notation, the drums that file names tell, `Pattern`, words and ids, how hits were played, in bins, as
    a groove network is shown it and remembers it, what the other network is told of the past, texts of many patterns
settings, files, remote, chunks, events, walk, smf, fastread, selection, quantise
    defaults and ranges written once, whole files or none, addresses of fsspec (extra `cluster`), the chunks and events
    of a MIDI file, the walk through them, the tolerant reader and the fast one, which notes are drums, hits on a grid
raw_midi, outmaps, midi_tracks, midi, one_drum, standardise, render
    a MIDI file's raw events, the notes and tracks that are written, MIDI files, loop packs made standard, pictures of
    patterns
soundfont, kits, oneshots, audio, formats, play, output
    the samples of a font, the kits, the sound of each drum, patterns as sound, formats for pipes, playing to a MIDI
    port, and which of these is asked for
options, config, sampling_config, choosing_config, packing_config, provenance
    the options of the command line made from settings, how corpora, networks and patterns are made, how the best of
    many are chosen and many go into archives, and a file's word of how it was made
inputs, items, manifests, fetch, sourcefiles, sources
    listings of files, what a file holds, corpora by name, their download, where songs come from
bulkread, bulk, encode, attempts, batch, engines, tasks, resume, batchencode, decode
    many MIDI files at once to words and back: the arithmetic, processes or a Ray cluster (extra `cluster`), going on
    after a cut
augment, fills, parts, pools, recipes, recombine, loops
    changes of a pattern, and loops multiplied by recombining parts
barsums, duplicates, clusters, overlap, families, leaks
    bars as numbers, songs that are nearly the same, joined, what stands on two sides of a corpus (extra `train`)
shards, sides, gather, proof, partition, build
    songs in files that training maps, who goes to which side, the two passes of a build
corpus, overview, songparts
    a corpus, a look at it, parts cut out of its songs
checkpoint, groove_file, products, threads, engine, levels, groove_engine, guidance, rules, steering, sampling
    networks of either kind in a file, products of a few rows, rows shared among cores, both networks without torch,
    labels heard louder, what forbids and reweighs words, drawing them
primers, constraints, settled, particles, seam, form, composing, generation, likelihood, variation, morphing, curating
    patterns to start from, what is kept of one, bars told before the end, writing around what is kept, bars that lead
    on, plans of letters, patterns as settings ask, `generate`, how likely a loop is, `vary`, `morph`, `curate`
feel, humanising, retouch, archives
    the feel of a take moved to a pattern, `humanise`, MIDI files humanised with all else that is in them, patterns in
    archives
intervals, evaluation, features, distribution, novelty, choosing
    confidence intervals, prediction and copying, rhythm features and their densities, the nearest known bar, the best
    of many
realism, styles, listening, courses, rolls, measures, report, plots, page
    what is measured by features, what classifiers hear, hat rolls, all of it for a checkpoint, how it is told (extra
    `evaluate`)
touch_features, groove_baselines, groove_measures, groove_report
    how two bars are played, in columns, what a groove network is measured beside, its measures, and how they are told
model, groove_model, mixture, schedule, lanes, windows, songbatches, groove_windows, losses, epochs, runfolders, runs
curves
training, callbacks, groove_training, trainer
    the networks in torch, what an epoch shows them, and its training under Lightning (extra `train`)
web
    the page and its server (extra `web`)
commands, cli
    the command line
"""

from importlib import import_module
from typing import TYPE_CHECKING

from drumtok.version import __version__

if TYPE_CHECKING:
    from drumtok.checkpoint import Checkpoint, load_checkpoint
    from drumtok.choosing import best
    from drumtok.corpus import build_corpus, open_corpus
    from drumtok.curating import curate
    from drumtok.engine import Engine
    from drumtok.errors import DrumtokError
    from drumtok.generation import generate, generate_many
    from drumtok.humanising import humanise
    from drumtok.midi import read_midi, read_song, write_midi
    from drumtok.morphing import morph
    from drumtok.pattern import Pattern
    from drumtok.tokens import from_words, to_words
    from drumtok.variation import vary

__all__ = [
    "Checkpoint",
    "DrumtokError",
    "Engine",
    "Pattern",
    "__version__",
    "best",
    "build_corpus",
    "curate",
    "from_words",
    "generate",
    "generate_many",
    "humanise",
    "load_checkpoint",
    "morph",
    "open_corpus",
    "read_midi",
    "read_song",
    "to_words",
    "vary",
    "write_midi",
]

# Each name's module. It is imported when the name is first asked for, so that nobody waits for what they do not use.
_MODULES = {
    "Checkpoint": "checkpoint",
    "load_checkpoint": "checkpoint",
    "best": "choosing",
    "build_corpus": "corpus",
    "open_corpus": "corpus",
    "curate": "curating",
    "Engine": "engine",
    "DrumtokError": "errors",
    "generate": "generation",
    "generate_many": "generation",
    "humanise": "humanising",
    "read_midi": "midi",
    "read_song": "midi",
    "write_midi": "midi",
    "morph": "morphing",
    "Pattern": "pattern",
    "from_words": "tokens",
    "to_words": "tokens",
    "vary": "variation",
}


if not TYPE_CHECKING:  # for a type checker such a function would make every name one of ours

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module 'drumtok' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"drumtok.{_MODULES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
