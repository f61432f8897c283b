"""Folders of random MIDI files, and the bytes of the files in a folder."""

import numpy as np

from drumtok.midi.files import write_midi
from drumtok.tokenizer.tokens import from_ids


def write_folder(folder, count, bars=4):
    """Write MIDI files of random bars and one file that is not MIDI; return the folder."""
    rng = np.random.default_rng(3)
    for number in range(count):
        (folder / f"{number % 7}").mkdir(parents=True, exist_ok=True)
        ids = np.concatenate([np.append(rng.integers(0, 512, 16), 512) for _ in range(1 + number % bars)])
        write_midi(from_ids(ids, 4, (4, 4), 90 + number), folder / f"{number % 7}" / f"{number}.mid")
    (folder / "broken.mid").write_bytes(b"no MIDI")
    return folder


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
