from .dataset.corpus import build_corpus, open_corpus
from .errors import DrumtokError
from .generation.best_of import best
from .generation.curate import curate
from .generation.generate import generate, generate_many
from .generation.humanise import humanise
from .generation.morph import morph
from .generation.vary import vary
from .midi.files import read_midi, read_song, write_midi
from .network.checkpoint import Checkpoint, load_checkpoint
from .network.engine import Engine
from .pattern import Pattern
from .rendering.audio import write_wav
from .rendering.load_kit import kit
from .tokenizer.tokens import from_words, to_words
from .version import __version__

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
    "kit",
    "load_checkpoint",
    "morph",
    "open_corpus",
    "read_midi",
    "read_song",
    "to_words",
    "vary",
    "write_midi",
    "write_wav",
]
