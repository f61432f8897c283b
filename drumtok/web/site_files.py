"""`build_site`: the page as a folder of static files, with the engine that runs in the browser.

A static site has no API: `js/engine/client.js` reads the files in `data/` in place of responses, and a worker writes
patterns with the networks in `weights/`. A service worker keeps the files of the first visit, so that the page works
offline from then on.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS, PERCUSSION_NAMES
from drumtok.evaluation.style_recognition import starter_recogniser
from drumtok.grids import DEFAULT_GRID
from drumtok.network.checkpoint import THIRTYSECONDS, checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
from drumtok.rendering.kit_files import design_of
from drumtok.rendering.kits import SHIPPED
from drumtok.runtime.files import data_path, new_folder, write_atomically
from drumtok.sound.classes import SOUND_CLASSES
from drumtok.sound.latents import FILE as SOUND_FILE
from drumtok.version import __version__
from drumtok.web.about import about_page
from drumtok.web.engine_tables import engine_tables
from drumtok.web.kit_file_tables import bass_files, kit_file_tables
from drumtok.web.kit_sounds import kit_sounds, short_shot_wav
from drumtok.web.likeness_tables import likeness_tables
from drumtok.web.page_files import INDEX, linked_page, page_files
from drumtok.web.provenance import server_provenance
from drumtok.web.reading_tables import map_tables, recognition_tables
from drumtok.web.sound_routes import sound_tables
from drumtok.web.sounds import map_of
from drumtok.web.state import ServerState
from drumtok.web.synth_tables import synth_tables
from drumtok.web.tables import page_tables

CLIENT = "js/engine/client.js"
PACKED = ".zz"  # the ending of files that zlib has packed; a host might take .gz for an encoding of its own
NETWORK, FINE_NETWORK, GROOVE_NETWORK, SOUND_NETWORK = (
    f"weights/{name}.safetensors{PACKED}" for name in ("default", THIRTYSECONDS, "groove", "sound")
)
RECOGNITION, SYNTHESIS = "data/recognition.json", "data/sound/tables.json"
KIT_FILES, KIT_VOICES, BASS = "data/sound/files.json", "data/sound/kit/", "data/sound/bass/"
LIKENESS = "data/sound/likeness.json"
# Nothing is loaded from other hosts, only scripts of the site run, and the engine needs WebAssembly.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self' data: blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'"
)
USUAL = {
    "meter": [4, 4],
    "grid": DEFAULT_GRID,
    "note_length": 0.5,
}  # of patterns of the map
PLACE_DIGITS = 4  # of the places of the map's grooves, from 0 to 1
SERVICE_WORKER = "importScripts('js/engine/service_worker.js');\n"
GROUND = "#0b0d10"  # the background of the page
MANIFEST = {
    "name": "drumtok",
    "short_name": "drumtok",
    "description": "Drum patterns that a model writes, a person steers and a DAW plays",
    "start_url": "./",
    "display": "standalone",
    "background_color": GROUND,
    "theme_color": GROUND,
    "icons": [{"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}],
}


@dataclass(frozen=True)
class Site:
    """The files of a site.

    Attributes:
        files: name -> bytes.
        first: the files that the first visit loads; the others are loaded on demand.
    """

    files: Mapping[str, bytes]
    first: tuple[str, ...]

    def size(self, names: Iterable[str]) -> int:
        """Return the bytes of some files."""
        return sum(len(self.files[name]) for name in names)


def build_site(out: Path, checkpoint: Path | None = None) -> Site:
    """Write the page as a folder of static files.

    Args:
        out: the folder, new or empty.
        checkpoint: file or name of the network; None is the bundled default, together with the other bundled one for
            styles that need it, which is loaded on demand.

    Raises:
        DrumtokError: the checkpoint cannot be read, or the folder exists and is not empty or cannot be written.
    """
    with new_folder(out) as folder:
        site = make_site(checkpoint)
        for name, data in site.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / name, data)
    return site


def make_site(checkpoint: Path | None = None) -> Site:
    """Return the files of a site, as `build_site` writes them."""
    by_style, path = checkpoint is None, checkpoint_file(checkpoint)
    state = ServerState(Engine(load_checkpoint(path)), server_provenance(checkpoint, with_folders=False), by_style)
    try:
        content = dict(page_files()) | dict(_data_files(state, by_style))
    finally:
        state.close()
    content[NETWORK] = zlib.compress(path.read_bytes())
    if by_style:
        content[FINE_NETWORK] = zlib.compress(checkpoint_file(THIRTYSECONDS).read_bytes())
    content[SOUND_NETWORK] = zlib.compress(data_path(SOUND_FILE).read_bytes())
    content[GROOVE_NETWORK] = zlib.compress(data_path(DEFAULT_GROOVE).read_bytes())
    content["manifest.webmanifest"] = _json(MANIFEST)
    first = tuple(name for name in content if not name.startswith(_later_files()))
    name = f"drumtok {__version__} {_digest(content)}"  # the name of the cache, which changes with the files
    content[INDEX] = _site_page(linked_page(CLIENT), name).encode()
    shell = ["./", *(file for file in first if not file.startswith("weights/"))]
    content["sw.js"] = f"self.SITE = {json.dumps({'name': name, 'files': shell})};\n{SERVICE_WORKER}".encode()
    return Site(content, first)


def _data_files(state: ServerState, by_style: bool) -> Iterator[tuple[str, bytes]]:
    """Yield files that replace responses of the API: tables, the map and the sounds of the bundled kits."""
    parts = (*LANES, *PERCUSSION_NAMES)
    tables = {
        "about": about_page(state) | {"kits": list(SHIPPED)},
        "sound/about": sound_tables(),
        "sound/tables": synth_tables(),
        "sound/files": kit_file_tables(),
        "sound/likeness": likeness_tables(),
        **{f"sound/kit/{kit}": _voices_of(kit) for kit in SHIPPED},
        **{f"sound/map/{name}": map_of(name) for name in SOUND_CLASSES},
        "tables": page_tables(),
        "engine": engine_tables(by_style),
        "recognition": recognition_tables(starter_recogniser()),
        "place": map_tables(state.groove_map),
    }
    grooves = [compact(entry) for entry in state.map_entries]
    yield f"data/map.json{PACKED}", zlib.compress(_json({"drums": list(LANES), "usual": USUAL, "grooves": grooves}))
    yield from ((f"data/{name}.json", _json(table)) for name, table in tables.items())
    yield from ((f"{BASS}{name}", data) for name, data in bass_files().items())
    for kit in SHIPPED:
        yield f"data/kit/{kit}.json", _json([row for row in kit_sounds(kit) if row["drum"] in parts])
        yield from ((f"data/kit/{kit}/{part}.wav", short_shot_wav(kit, part)) for part in parts)


def _voices_of(kit: str) -> dict[str, Any]:
    """Return the voices of a bundled kit by piece, which its audio files are rendered from."""
    return {piece: voice.to_json() for piece, voice in design_of(kit).voices.items()}


def compact(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a groove of the map with its hits as one list of numbers: an eighth of the bytes.

    Each hit has three: its cell, which is the step times the number of drums plus the drum, less the cell of the hit
    before; its velocity; and its offset in thousandths of a step. Values as in `USUAL`, and names that equal the id,
    are left out.

    >>> hit = {"step": 4, "drum": "snare", "velocity": 90, "offset": 0.01234}
    >>> compact({"id": "a", "pattern": {"bars": 1, "hits": [hit, hit | {"step": 5, "offset": 0.0}]}})
    {'id': 'a', 'pattern': {'bars': 1, 'hits': [37, 90, 12, 9, 90, 0]}}
    """
    pattern = entry["pattern"]
    hits, last = [], 0
    for hit in pattern["hits"]:
        cell = hit["step"] * N_DRUMS + LANE_INDEX[hit["drum"]]
        hits += [cell - last, hit["velocity"], round(1000 * hit["offset"])]
        last = cell
    place = {axis: round(entry[axis], PLACE_DIGITS) for axis in ("x", "y") if axis in entry}
    usual = {**USUAL, "name": entry["id"]}
    own = {name: value for name, value in pattern.items() if name not in usual or value != usual[name]}
    return {**entry, **place, "pattern": {**own, "hits": hits}}


def _later_files() -> tuple[str, ...]:
    """Return how the names of files begin that the first visit does not load.

    They are other kits, the networks of rolls and of sounds with what audio files and kits are made by, the maps of
    sounds, and what styles of opened files are recognised by.
    """
    _, *kits = SHIPPED
    _, *classes = SOUND_CLASSES  # the map of the first is shown
    maps = (f"data/sound/map/{name}" for name in classes)
    sounds = (SOUND_NETWORK, SYNTHESIS, KIT_FILES, KIT_VOICES, BASS, LIKENESS)
    return (FINE_NETWORK, *sounds, RECOGNITION, *maps, *(f"data/kit/{kit}/" for kit in kits))


def _site_page(page: str, name: str) -> str:
    """Return the page with relative addresses, a policy, a manifest, and the name of its cache."""
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'  <meta name="drumtok-site" content="{name}">\n'
        '  <link rel="manifest" href="manifest.webmanifest">\n  <title>'
    )
    return page.replace('="/', '="').replace("<title>", head, 1)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _digest(content: Mapping[str, bytes]) -> str:
    made = hashlib.sha256()
    for name, data in sorted(content.items()):
        made.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return made.hexdigest()[:16]
