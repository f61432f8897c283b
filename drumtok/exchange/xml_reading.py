"""Read XML of other tools: elements by their names without namespaces, with errors that name the element."""

from xml.etree.ElementTree import Element, ParseError, fromstring

from drumtok.errors import DrumtokError


def read_xml(text: str, *roots: str) -> Element:
    """Parse XML; names of elements lose their namespace.

    Args:
        roots: the names that the outermost element may have.

    Raises:
        DrumtokError: it is not XML, or its outermost element has another name.
    """
    try:
        root = fromstring(text.encode("utf-8", "replace") if "encoding" not in text[:200] else _undeclared(text))
    except (ParseError, ValueError) as error:
        raise DrumtokError(f"text must be XML: {error}") from None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    if root.tag not in roots:
        raise DrumtokError(f"outermost element must be {' or '.join(roots)}, got {root.tag!r}")
    return root


def _undeclared(text: str) -> str:
    """Return a text without its declaration of an encoding, as it was decoded already."""
    return text.partition("?>")[2] if text.lstrip().startswith("<?xml") else text


def text_of(parent: Element, name: str, default: str = "") -> str:
    """Return the text of an element inside another."""
    return (parent.findtext(name) or default).strip()


def number_of(parent: Element, name: str, default: float | None = None) -> float:
    """Return the number in an element inside another.

    Raises:
        DrumtokError: it is not a finite number, or is missing and has no default.
    """
    text = text_of(parent, name)
    if not text and default is not None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:  # nan is not
        raise DrumtokError(f"{name} must be a number, got {text!r}")
    return value
