"""Writes drum patterns as MIDI files: the same as the command `drumtok sample`."""

import sys

from drumtok.cli.main import main

if __name__ == "__main__":
    main(["sample", *sys.argv[1:]], prog_name="drumtok")
