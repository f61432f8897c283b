"""Trains a network: `python train.py` is `drumtok train`."""

from drumtok.cli.main import main

if __name__ == "__main__":
    import sys

    main(["train", *sys.argv[1:]], prog_name="drumtok")
