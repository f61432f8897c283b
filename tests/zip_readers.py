"""Read an already opened zip in several processes: `python zip_readers.py ZIP OUT [--threads]`.

This runs in a process of its own, because a process with threads, as a test runner may be, spawns instead of forking;
with `--threads` it spawns too.
"""

import sys
import threading
from pathlib import Path

from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode_files import encode_files
from drumtok.tokenizer.file_listing import Listing


def read(archive: str, out: Path, workers: Workers) -> None:
    """Write the words, the report and the corpus of a zip, which listing opens in this process."""
    out.mkdir()
    listing = Listing.of([archive])
    assert list(listing)
    encode_files(listing, out / "words.txt", out / "report.jsonl", EncodeConfig(), workers=workers, unit_files=2)
    build_corpus(out / "corpus", [open_source(archive)], workers=workers, unit_files=2)


if __name__ == "__main__":
    if "--threads" in sys.argv:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    read(sys.argv[1], Path(sys.argv[2], "alone"), Workers(jobs=1))
    read(sys.argv[1], Path(sys.argv[2], "together"), Workers(jobs=3))
