"""The one family of errors that drumtok raises for bad input."""


class DrumtokError(ValueError):
    """A value that cannot be used; the message names the thing, its value and what is allowed.

    The command line prints the message and ends with exit code 2. A wrong type is a TypeError instead.
    """
