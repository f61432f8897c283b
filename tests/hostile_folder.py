"""A folder of hostile entries: pipes, links to themselves, broken files, and names that are hard to print."""

import io
import os
import socket
import zipfile
from pathlib import Path

from hostile_files import PLAIN, READABLE, REFUSED
from midi_bytes import make_midi

BEAT = make_midi(
    [(tick, note) for bar in range(2) for tick, note in ((bar * 1920, 36), (bar * 1920 + 480, 38))], end=3840
)
APPLE_DOUBLE = bytes.fromhex("00051607 00020000") + b"Mac OS X        " + bytes(60)
PARTS = {role: f"NAME={role}-1\n{drum} |x---x---x---x---|\n" for role, drum in (("kick", "kick"), ("snare", "snare"))}
PARTS["hats"] = "NAME=hats-1\nclosed |x-x-x-x-x-x-x-x-|\n"
DEVICE = "/dev/zero"

# name: bytes
FILES = {
    "README.txt": b"Thank you for buying these loops!\n\nHave fun.\n",
    "README": b"Thank you",
    "licence.pdf": b"%PDF-1.4\n",
    ".DS_Store": b"\0\0\0\1Bud1",
    "Thumbs.db": b"\xd0\xcf\x11\xe0",
    "._beat.mid": APPLE_DOUBLE,
    "empty.mid": b"",
    "empty.txt": b"",
    "empty.grid": b"",
    "empty.json": b"",
    "empty.zip": b"",
    "a picture.mid": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "a sound.mid": b"RIFF\x24\0\0\0WAVEfmt " + bytes(100),
    "a text.mid": b"kick |x---|\n",
    "one byte.mid": b"M",
    "nulls.txt": bytes(1000),
    "latin.txt": "STYLE=café 0b100000000".encode("latin-1"),
    "utf-16.txt": "NAME=x 0b100000000 BAR".encode("utf-16"),
    "wrong word.txt": b"0b1 BAR\n",
    "long line.txt": b"x" * 100_000,
    "wrong lane.grid": b"cowbell |x---|\n",
    "half a bar.grid": b"kick |x--|\n",
    "not JSON.json": b"{",
    "other JSON.json": b"[1, 2]\n",
    "nested.toml": b"a = " + b"[" * 3000 + b"]" * 3000,
    "no zip.zip": b"PK no zip",
    "-x.mid": BEAT,
    "[1].mid": BEAT,
    "100%.mid": BEAT,
    "ドラム 🥁.mid": BEAT,
    "two\nlines.mid": BEAT,
    '\'quoted "x".mid': BEAT,
    f"{'long' * 60}.mid": BEAT,
    "UPPER.MID": BEAT,
    "wrapped.rmi": READABLE["RMID"][0],
    "a folder.mid/inside.mid": BEAT,
    "a folder.txt/within.mid": BEAT,
    f"{'/'.join('deep' for _ in range(40))}/x.mid": BEAT,
    "cut.mid": PLAIN[:-7],
    "type 2.mid": READABLE["type 2"][0],
    "frames.mid": REFUSED["25 frames of 40 ticks"][0],
    "no track.mid": REFUSED["a header and no track"][0],
    "no ticks.mid": REFUSED["0 ticks to a beat"][0],
    "no notes.mid": make_midi([]),
    "far.mid": make_midi([(0, 36), (2**28 - 1, 38)]),
    "flat.mid": make_midi([(0, 60), (10, 62)], channel=0),
}
LINKS = {
    "self": ".",
    "parent": "..",
    "loop.mid": "loop.mid",
    "there.mid": "back.mid",
    "back.mid": "there.mid",
    "gone.mid": "nowhere.mid",
    "gone.txt": "nowhere.txt",
    "device.mid": DEVICE,
    "device.txt": DEVICE,
    "null.mid": "/dev/null",
    "folder link.mid": ".",
}
PIPES = ("pipe.mid", "pipe.txt", "pipe.grid", "pipe.json", "pipe.zip")
SOCKET = "socket.mid"
NOT_UTF_8 = b"caf\xe9 \xff.mid"


def make_hostile(folder):
    """Fill a folder with at least 60 hostile entries, a few valid MIDI files among them; return it."""
    for name, data in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)
    for name in PIPES:
        os.mkfifo(folder / name)
    _bind(folder / SOCKET)
    with open(os.path.join(os.fsencode(folder), NOT_UTF_8), "wb") as file:
        file.write(BEAT)
    (folder / "odd.zip").write_bytes(_odd_zip())
    damaged = bytearray(_zip({"x.mid": BEAT * 20}, zipfile.ZIP_DEFLATED))
    damaged[60:70] = bytes(10)
    (folder / "damaged.zip").write_bytes(damaged)
    return folder


def add_parts(folder):
    """Add parts of each role to a folder, as `drumtok augment --parts` reads them."""
    for role, text in PARTS.items():
        (folder / f"{role}.grid").write_text(text)


def things(folder):
    """Return the paths of all entries of a folder and its subfolders, without following links."""
    return sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)


def _bind(path):
    """Make a socket from within its folder, because a socket's path must be shorter than a file's."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(before)


def _odd_zip():
    """Return a zip with paths outside of it, an encrypted member, a nested zip, and a valid MIDI file."""
    inner = _zip({"inner.mid": BEAT})
    data = bytearray(
        _zip({"../evil.mid": BEAT, "/root.mid": BEAT, "locked.mid": BEAT, "in.zip": inner, "ok.mid": BEAT})
    )
    entry = data.rindex(b"locked.mid") - 46  # in the central directory
    data[entry + 8] |= 1  # the encryption flag
    return bytes(data)


def _zip(members, kind=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()
