"""The bundled kit that a style is played on."""

from drumtok.rendering.characters import characters
from drumtok.rendering.kits import SHIPPED


def kit_of_style(style: str | None) -> str:
    """Return the bundled kit that a style is played on: that of its character, or the first one.

    >>> kit_of_style("drill"), kit_of_style("funk"), kit_of_style(None), kit_of_style("polka")
    ('trap', 'acoustic', 'acoustic', 'acoustic')
    """
    names = (row.name for row in characters().values() if style in (row.name, *row.styles) and row.name in SHIPPED)
    return next(names, SHIPPED[0])
