"""A second labelled set: files like those that programs, packs and players write.

It was written without looking at the code that chooses drums, and labelled as a drummer or producer who opens the file
would label it: unpitched percussion is drums; timpani, steel drums, marimbas and tuned toms are not.
"""

from collections.abc import Iterator

import mido
import numpy as np

from benchmarks.midi.labelled_files import GS_RHYTHM, LabelledFile, file_of
from benchmarks.midi.labelled_parts import Notes, Part, bank, bass, beat, chords, exclusive, tune

VARIANTS = 4  # files of each kind
GM_RESET, GS_RESET = "7E 7F 09 01", "41 10 42 12 40 00 7F 00 41"
XG_DRUM_PART = "43 10 4C 08 08 07 02"  # part 9

# kind -> names of the drum track beside melodic tracks, one for each of four files
NAMED_KITS = {
    "German kit": ("Schlagzeug", "Drumset", "Trommeln", "Schlagwerk"),
    "French kit": ("Batterie", "Percussions", "Boîte à rythmes", "Batterie acoustique"),
    "Spanish kit": ("Batería", "Bateria", "Percusión", "Caja de ritmos"),
    "Portuguese kit": ("Bateria", "Percussão", "Bateria eletrônica", "Bateria 1"),
    "Italian kit": ("Batteria", "Percussioni", "Batteria elettronica", "Batteria 2"),
    "Japanese kit": ("ドラム", "ドラムス", "パーカッション", "ドラムセット"),
    "Russian kit": ("Ударные", "Барабаны", "Перкуссия", "Ударная установка"),
    "Reaper take": ("01-Drums-untitled", "Drums take 2-glued", "03-Drum MIDI-201104_1530", "drums_comp"),
    "Ableton set": ("2-808 Core Kit", "1-Kit-Core 909", "4-Drum Rack", "3-707 Core Kit"),
    "Cakewalk project": ("SI-Drum Kit 1", "SI-Drums", "Session Drummer 3", "Drums 1"),
    "GarageBand project": ("Drummer (Kyle)", "SoCal Kit", "Drum Kit", "East Bay Kit"),
    "BandLab project": ("Drum Machine", "Drums", "Trap Kit", "Drum Track 1"),
    "drums in capitals or run together": ("DRUMS", "DrumKit", "drumkit1", "LiveDrums"),
}
NAMED_DRUMS = {
    "German drums": ("Kleine Trommel", "Große Trommel", "Becken", "Tamburin"),
    "French drums": ("Caisse claire", "Grosse caisse", "Cymbale", "Charleston"),
    "Spanish drums": ("Bombo", "Caja", "Platillos", "Pandereta"),
    "Portuguese drums": ("Caixa", "Bumbo", "Pratos", "Chimbal"),
    "Italian drums": ("Cassa", "Rullante", "Piatti", "Grancassa"),
    "Japanese drums": ("キック", "スネア", "ハイハット", "シンバル"),
    "Russian drums": ("Бочка", "Малый барабан", "Тарелки", "Хай-хэт"),
    "unknown adjectives": ("Crispy Snare", "Gnarly Kick 3", "Wonky Hats", "Boomy Floor Tom"),
    "misspelt drums": ("hihat clsd", "snr", "kik", "Hi Hat Opn"),
    "joined and numbered drums": ("kick_01", "Snare2", "HiHat-closed", "CrashL"),
    "microphones": ("Kick In", "Snare Top", "Kick Out 2", "Snare Btm"),
    "orchestral percussion": ("Snare Drum", "Cymbals", "Bass Drum", "Triangle"),
    "drum line": ("Marching Snares", "Tenor Drums", "Bass Drums", "Crash Cymbals"),
    "hand percussion": ("Cowbell", "Cajon", "Maracas", "Wood Block"),
    "step sequencer": ("Clap", "Hat", "Snare", "909 Kick"),
}
# kind -> names of melodic tracks that contain names of drums, and whose notes lie in the range of a kit
MELODIC_TRACKS = {
    "drum-like initials": ("SD Strings", "HT Synth", "MT Lead", "BD Pad"),
    "letters of drums alone": ("OH", "CH", "MT", "Ch. 3"),
    "words that begin like drums": ("Tomorrow", "Hatsune Miku", "Ridge Racer Lead", "Kickstart Lead"),
    "instruments named like drums": ("Cimbalom", "Drum and Bass Reese", "Steel Drum", "Hang Drum"),
    "tuned percussion": ("Timpani", "Marimba", "Glockenspiel", "Vibraphone"),
    "tuned percussion in other languages": ("Pauken", "Литавры", "ティンパニ", "Xylophon"),
    "basses": ("Kontrabass", "Basse", "Baixo", "808 Bass"),
    "choir": ("Bass", "Tenor", "Bassi", "Baritone"),
    "guitars": ("Tommy's Guitar", "Gtr SD pickup", "Crash Guitar", "Rhythm Guitar"),
    "sections of a song": ("Verse riding riff", "Chorus", "Oh Holy Night", "Bridge"),
}
TITLES = ("Mr. Tambourine Man", "Bang the Drum All Day", "Cymbal Rush", "Kick in the Teeth")
LOOPS = ("Variation_01", "Groove 01 F1S1", "MIDI 01", "Clip 3")
NAMED_LOOPS = ("Drum Loop 120 bpm.mid", "Breakbeat 174.mid", "Fills/Fill 03.mid", "Drum Pattern 7.mid")
ONE_DRUM = ("Rimshots/03.mid", "snr roll 4.mid", "Perc/Shaker 8ths.mid", "Melody Pack/Drums/Kick 1.mid")
MELODIC_FILES = ("Steel Drum Melody.mid", "Drum Kit/Melodies/Piano 1.mid", "DnB Bassline.mid", "Hang Drum 2.mid")
MELODIC_LOOPS = ("Guitar Riff 2.mid", "Drum Kit Vol 2/Bass Loops/Loop 1.mid", "Reese 174.mid", "Arp/07.mid")
KITS = (1, 9, 26, 49)  # standard, room, TR-808 and orchestra
MODULES = ("TD-50X", "Alesis Nitro", "DTX Multi", "Roland V-Drums")


def utf8(name: str) -> str:
    """Return a name in UTF-8, for a writer that encodes Latin-1."""
    return name.encode().decode("latin-1")


def shift_jis(name: str) -> str:
    """Return a name in Shift JIS, as older Japanese programs write it."""
    return name.encode("cp932").decode("latin-1")


def port(number: int) -> mido.MetaMessage:
    """Select the port of a track."""
    return mido.MetaMessage("midi_port", port=number)


def one_pitch(rng: np.random.Generator, pitch: int = 60) -> Notes:
    """Write one drum on the pitch at which a sampler plays its original sound."""
    return [(step, pitch) for step in range(int(rng.integers(2)) * 4, 32, int(rng.choice([2, 4, 8])))]


def _named(rng: np.random.Generator, turn: int) -> Iterator[LabelledFile]:
    """Yield files with named tracks, none of which is on channel 10."""
    keys, low = Part(chords(rng), 1, False, "Piano"), Part(bass(rng, low=36), 2, False, "Bass")
    for kind, names in NAMED_KITS.items():
        # Workstations write every track on channel 1.
        channel = 1 if kind.endswith(("set", "project", "take")) else 5 + turn
        low_part = Part(low.notes, min(channel, 2), False, "Bass")
        encoded = shift_jis(names[turn]) if kind.startswith("Japanese") and turn % 2 else utf8(names[turn])
        yield file_of(kind, f"song {turn}.mid", (keys, low_part, Part(beat(rng), channel, True, encoded)))
    for kind, names in NAMED_DRUMS.items():
        encoded = shift_jis(names[turn]) if kind.startswith("Japanese") and turn % 2 else utf8(names[turn])
        yield file_of(kind, f"song {turn}.mid", (keys, Part(one_pitch(rng), 4 + turn, True, encoded), low))
    for kind, names in MELODIC_TRACKS.items():
        part = Part(bass(rng, low=36), 3, False, utf8(names[turn]))
        kit = (Part(beat(rng), 10, True),) if turn % 2 else ()
        yield file_of(kind, f"song {turn}.mid", (keys, part, *kit))
    abbreviated = (("BD", 36), ("SD", 38), ("HH", 42)) if turn % 2 else (("Kik", 60), ("Snr", 60), ("HHC", 60))
    tracks = [Part(one_pitch(rng, pitch), 1, True, name) for name, pitch in abbreviated]
    yield file_of("abbreviations together", f"beat {turn}.mid", (*tracks, Part(tune(rng), 1, False, "Lead")))


def _channel_10(rng: np.random.Generator, turn: int) -> Iterator[LabelledFile]:
    """Yield files with a kit on channel 10, and files whose events name another channel."""
    guitar, low = Part(chords(rng), 1, False, "Steel Guitar", 26), Part(bass(rng, low=36), 3, False, "Bass", 34)
    strings, drums = Part(tune(rng), 2, False, "Strings", 49), Part(beat(rng), 10, True, "Drums", KITS[turn])
    timpani = Part(bass(rng, low=36), 5, False, "Timpani", 48)
    snare = Part(one_pitch(rng, 38), 10, True, "Snare Drum")
    odd = [(step, pitch) for step, pitch in enumerate((21, 23, 78, 79, 58, 30, 31, 24))]
    reset = exclusive(GS_RESET if turn % 2 else GM_RESET)
    song = f"song {turn}.mid"
    rhythm = Part(one_pitch(rng, 56 + turn), 10, True, "Solo")
    taiko = Part(bass(rng, low=36), 4, False, "", 115 + turn)  # steel drums, woodblock, taiko, melodic toms
    yield file_of("Guitar Pro export", song, (guitar, Part(chords(rng), 2, False, "", 31), low, drums), title="Riff")
    yield file_of("notation export", song, (strings, timpani, snare, Part(one_pitch(rng, 81), 10, True, "Triangle")))
    yield file_of("kit in many tracks", song, (Part(one_pitch(rng, 49), 10, True, "Piano"), snare, rhythm, guitar))
    yield file_of("electronic kit, odd notes", song, (Part([*beat(rng), *odd], 10, True, MODULES[turn]),))
    yield file_of("karaoke, type 1", song, (Part(tune(rng), 4, False, "MELODY", 74), guitar, drums), title="Words")
    yield file_of("karaoke, type 0", song, (strings, low, guitar, drums), title=TITLES[turn], midi_type=0)
    yield file_of("sound module", song, (Part(strings.notes, 2, False, "SC-55", 49, (reset,)), low, drums))
    yield file_of("MT-32 mode", song, (Part(low.notes, 2, False, "MT-32", 69), Part(beat(rng), 10, True, "MT-32")))
    yield file_of("percussion ensemble", song, (Part(tune(rng), 1, False, "Marimba 1", 13), timpani, snare))
    yield file_of("tuned programs, no names", song, (Part(tune(rng), 1, False, "", 12), taiko))
    two = (Part(beat(rng), 10, True, "Drums A", None, (port(0),)), Part(beat(rng), 10, True, "B 10", 1, (port(1),)))
    yield file_of("two ports", song, (guitar, *two, Part(tune(rng), 9, False, "B 9", 49, (port(1),))))
    xg = Part(beat(rng), 9, True, "Part 9", None, (exclusive(XG_DRUM_PART),))
    yield file_of("XG drum part", song, (guitar, xg, drums))
    bank_xg = Part(beat(rng), 9, True, "", KITS[turn], (bank(9, 127),))
    yield file_of("XG bank of kits on channel 9", song, (low, bank_xg, drums))
    gs = Part(one_pitch(rng, 75), 11, True, "", None, (exclusive(GS_RHYTHM),))
    yield file_of("GS second rhythm part", song, (strings, gs, drums))
    extended = (low, drums, Part(beat(rng), 16, True, "Drums (base level)"))
    yield file_of("base and extended levels", song, extended)


def _single(rng: np.random.Generator, turn: int) -> Iterator[LabelledFile]:
    """Yield clips, loops, packs and pieces on one channel, and songs without drums."""
    low, keys = bass(rng, low=36), Part(chords(rng), 1, False, "", 1)
    yield file_of("groove library", f"{LOOPS[turn]}.mid", (Part(beat(rng), 1, True, LOOPS[turn]),))
    yield file_of("type 0 clip", f"{LOOPS[turn]}.mid", (Part(beat(rng), 1, True),), title=LOOPS[turn], midi_type=0)
    moved = [(step, pitch + 12 * (2 + turn % 2)) for step, pitch in beat(rng)]
    yield file_of("transposed loop, named", NAMED_LOOPS[turn], (Part(moved, 1, True),))
    yield file_of("pack of one drum", ONE_DRUM[turn], (Part(one_pitch(rng, 60 + turn), 1, True),))
    yield file_of(
        "recording of an e-kit, channel 1", "take.mid", (Part([*beat(rng), (0, 22)], 1, True, MODULES[turn]),)
    )
    yield file_of("melodic file named after drums", MELODIC_FILES[turn], (Part(low, 1, False),))
    yield file_of("melodic loop", MELODIC_LOOPS[turn], (Part(low, 1, False),))
    yield file_of("piano with a title of drums", f"{TITLES[turn]}.mid", (keys,), title=TITLES[turn], midi_type=turn % 2)
    yield file_of(
        "song without drums, title of drums",
        f"{TITLES[turn]}.mid",
        (Part(tune(rng), 1, False, "Voice"), Part(low, 2, False, "Bass"), Part(chords(rng), 3, False)),
        title=TITLES[turn],
    )
    voices = [Part(tune(rng), 1 + voice, False) for voice in range(3)]
    yield file_of("hymn", f"hymn {turn}.mid", (*voices, Part(low, 4, False)), title="Old Hundredth")
    yield file_of("piano, two hands", f"op {turn}.mid", (Part(tune(rng), 1, False, "RH"), Part(low, 1, False, "LH")))
    yield file_of("cello alone", f"suite {turn}.mid", (Part(low, 1, False, "Cello", 43),))


def _undecidable(rng: np.random.Generator, turn: int) -> Iterator[LabelledFile]:
    """Yield files whose labels follow from what their maker meant, which nothing in them shows."""
    keys = Part(chords(rng), 1, False, "Piano")
    moved = [(step, pitch + 24) for step, pitch in beat(rng)]
    yield file_of(
        "a violin that a script put on channel 10", f"{turn}.mid", (keys, Part(tune(rng), 10, False, "Violin"))
    )
    yield file_of("transposed loop, unnamed", f"{turn}.mid", (Part(moved, 1, True),))
    yield file_of("bass line in the kit, unnamed", f"{turn}.mid", (Part(bass(rng, low=36), 1, False),))
    yield file_of("bass named 808", f"{turn}.mid", (keys, Part(bass(rng), 2, False, "808")))
    yield file_of("timpani named Timbales", f"{turn}.mid", (keys, Part(bass(rng), 2, False, "Timbales")))


def wild_files(seed: int = 0) -> list[LabelledFile]:
    """Write the whole set: every kind `VARIANTS` times."""
    rng = np.random.default_rng(seed)
    makers = (_named, _channel_10, _single)
    return [file for turn in range(VARIANTS) for maker in makers for file in maker(rng, turn)]


def undecidable_files(seed: int = 0) -> list[LabelledFile]:
    """Write the kinds that are reported separately and not counted."""
    rng = np.random.default_rng(seed)
    return [file for turn in range(VARIANTS) for file in _undecidable(rng, turn)]
