"""Builds a corpus of a folder, one of whose files, 17.mid, kills whoever reads it: `python deadly_build.py IN OUT`.

A process of its own, for its workers get the deadly reader by being forked, which a process with threads does not do.
"""

import json
import os
import signal
import sys

import drumtok.dataset.ingest
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.runtime.workers import Workers

real = drumtok.dataset.ingest.plain_files


def deadly(files, config, expression):
    if any(name.endswith("/17.mid") for name, _ in files):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(files, config, expression)


if __name__ == "__main__":
    drumtok.dataset.ingest.plain_files = deadly
    retried = []
    source = open_source(sys.argv[1])
    built = build_corpus(sys.argv[2], [source], workers=Workers(jobs=2), on_retry=lambda *why: retried.append(why))
    print(json.dumps({"items": built.manifest["items"], "again": [files for files, _ in retried]}))
