"""The commands of the command line, a module for each; `drumtok.cli.main` gathers them.

What takes long to import is imported inside the functions, so that `--help` is quick.
"""
