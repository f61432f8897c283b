"""drumtok: drum patterns that a model writes, a person steers and a DAW plays.

>>> import drumtok
>>> groove = drumtok.Pattern.from_grid("kick  |x-----x---x-----|\\nsnare |----X-------X---|", tempo=92)
>>> drumtok.to_words(groove)[:5]
['0b100000000', '0b000000000', '0b000000000', '0b000000000', '0b010000000']

The packages, in the order in which they import one another:

runtime      settings and the options made from them, atomic writes, fsspec addresses, worker processes
midi         MIDI files: events, which notes are drums, note maps, quantising, reading, writing
tokenizer    `Pattern` to words and ids and back, text files, labels, velocity and microtiming
rendering    a pattern as sound and as a picture
dataset      corpora: sources, splits, shards, augmentation, leakage
network      checkpoints, and the engines that step them in NumPy
sampling     logit filters, the particle filter, constraints, song forms
evaluation   metrics and their reports
generation   `generate`, `vary`, `morph`, `curate`, `humanise`
training     the torch models and their training under Lightning (extra `train`)
web          the page and its server (extra `web`)
cli          the commands

Beside them, `errors`, `version`, `drums` (the kit), `grids` (grids and meters), `notation` (grid
notation) and `pattern` (`Pattern`) are shared by all of them. The names below are the public API; everything else may
move between versions.
"""

import lazy_loader

from drumtok.version import __version__

__getattr__, __dir__, _lazy_names = lazy_loader.attach_stub(__name__, __file__)
__all__ = [*_lazy_names, "__version__"]
