"""The commands of the command line, one module each; `drumtok.cli.main` collects them.

Slow imports are inside the functions, so that `--help` is quick.
"""
