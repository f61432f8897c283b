"""Decode the names in MIDI files, whose encoding is not declared: UTF-8, or a code page of the author."""

import re

_LATIN_CONTROLS = re.compile(rb"[\x80-\x9f]")  # no letters in Latin-1, but first bytes in Shift JIS
_KANA = re.compile("[\u3041-\u30ff]")
_CYRILLIC_RUN = re.compile(rb"[\xa8\xb8\xc0-\xff]{4}")  # Western words have no four accented letters in a row


def decoded(text: bytes) -> str:
    """Decode a name as UTF-8, else as Shift JIS or Windows-1251 if the bytes fit, else as Latin-1.

    >>> decoded("ドラム".encode("cp932")), decoded("Ударные".encode("cp1251")), decoded("Boîte".encode("latin-1"))
    ('ドラム', 'Ударные', 'Boîte')
    """
    try:
        return text.decode().strip("\0 ")
    except UnicodeDecodeError:
        name = text.decode("latin-1")
    if _LATIN_CONTROLS.search(text):
        japanese = text.decode("cp932", errors="replace")
        name = japanese if _KANA.search(japanese) and "\ufffd" not in japanese else name
    elif _CYRILLIC_RUN.search(text):
        name = text.decode("cp1251", errors="replace")
    return name.strip("\0 ")
