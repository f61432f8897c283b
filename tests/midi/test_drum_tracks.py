"""Which notes of a file are drums, and note map files."""

import numpy as np
import pytest
from midi_bytes import from_hex, make_midi

from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.sources import open_source
from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.code_pages import decoded
from drumtok.midi.drum_names import drum_from_name, words_of
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.events import READ, SKIPPED
from drumtok.midi.files import from_midi_bytes, read_midi
from drumtok.midi.name_languages import TRANSLATIONS
from drumtok.midi.note_maps import note_map
from drumtok.midi.track_names import NameKind, name_kind


@pytest.mark.parametrize(
    ("name", "drums"),
    [
        ("Drums", True),
        ("DRUMS 2", True),
        ("drum kit", True),
        ("Percussion", True),
        ("Hi-Hat", True),
        ("Schlagzeug", True),
        ("Steel Drums", False),
        ("Synth Drum", False),
        ("Drum n Bass", False),
        ("Bass", False),
        ("Piano", False),
        ("", False),
        ("SoCal Kit", True),
        ("Drummer (Kyle)", True),
        ("Session Drummer 3", True),
        ("Little Drummer Boy", False),
        ("Crash Guitar", False),
        ("SD Strings", False),
        ("Gtr SD pickup", False),
        ("Synth BD", True),
        ("Snareline", True),
        ("Tam-tam", True),
        ("Beatbox", True),
        ("Kck", True),
        ("Bells", False),
        ("Tubular Bells", False),
        ("Ride Bell", True),
        ("Claves Lead", False),
        ("Crash Bandicoot Theme", False),
        ("Mr. Tambourine Man", False),
    ],
)
def test_track_names_that_are_drums(name, drums):
    assert (name_kind(name) in (NameKind.KIT, NameKind.DRUM)) == drums


@pytest.mark.parametrize("name", ["Große Trommel", "GROSSE TROMMEL", "Grosse caisse", "Bombo", "キック", "Бас-бочка"])
def test_a_drum_has_names_in_other_languages(name):
    assert name_kind(name) is NameKind.DRUM
    assert drum_from_name(f"Pack/{name} 2.mid") == "kick"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Percussão", NameKind.KIT),
        ("ドラムセット", NameKind.KIT),
        ("Ударные 1", NameKind.KIT),
        ("Caja de ritmos", NameKind.KIT),
        ("Platillos", NameKind.CYMBALS),
        ("Cymbals", NameKind.CYMBALS),
        ("Pauken", NameKind.MELODIC),
        ("ティンパニ", NameKind.MELODIC),
        ("Бас", NameKind.MELODIC),
    ],
)
def test_kits_and_instruments_have_names_in_other_languages(name, kind):
    assert name_kind(name) is kind


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("ドラム", "utf-8"),
        ("ドラム", "cp932"),
        ("Ударные", "cp1251"),
        ("Boîte à rythmes", "latin-1"),
    ],
)
def test_names_are_decoded_by_the_code_page_of_their_maker(name, encoding):
    assert decoded(name.encode(encoding)) == name


def test_latin_letters_and_controls_are_no_japanese():
    assert decoded(b"Drums\x92 caf\xe9") == "Drums\x92 caf\xe9"


def test_every_translation_is_reached():
    for english, phrases in TRANSLATIONS.items():
        for phrase in phrases.split(","):
            assert " ".join(words_of(phrase)) == " ".join(words_of(english)), phrase


# Which notes are drums


def hits_of(song):
    return [f"{LANES[d]} {s}" for p in song.sections for s, d in np.argwhere(p.hits)]


def notes(channel, *pitches):
    """Return a track of notes a sixteenth apart, without a track name."""
    return " ".join(f"00 {0x90 | channel:02X} {p:02X} 64 78 {0x80 | channel:02X} {p:02X} 40" for p in pitches)


def file_of(*tracks):
    chunks = [from_hex(f"{text} 00 FF 2F 00") for text in tracks]
    data = from_hex("4D 54 68 64 00 00 00 06 00 01") + len(chunks).to_bytes(2, "big") + from_hex("01 E0")
    return data + b"".join(b"MTrk" + len(c).to_bytes(4, "big") + c for c in chunks)


def named(name, text):
    return f"00 FF 03 {len(name):02X} {name.encode().hex(' ')} {text}"


def test_a_track_named_drums_is_drums():
    data = file_of(named("Drums", notes(0, 36, 38)), named("Bass", notes(1, 40, 41)))
    song = from_midi_bytes(data)
    assert (hits_of(song), song.reason, song.status) == (["kick 0", "snare 1"], "", READ)
    more = file_of(named("Drums 2", notes(10, 42)), named("Bass", notes(1, 40)), notes(9, 36))
    assert hits_of(from_midi_bytes(more)) == ["kick 0", "closed 0"]


def test_a_song_named_drums_is_not_all_drums():
    data = file_of(named("Drums and more", f"{notes(9, 36)} {notes(0, 38)}"))
    assert hits_of(from_midi_bytes(data)) == ["kick 0"]


def test_one_channel_is_read_as_drums_with_a_remark():
    song = from_midi_bytes(file_of(notes(0, 36, 38, 60)))
    assert hits_of(song) == ["kick 0", "snare 1"]
    assert song.outside == {60: 1}
    assert song.reason == ("no channel 10 and no track named drums: the notes, all on channel 1, are read as drums")
    assert song.status == READ


def test_in_a_song_of_several_channels_pitches_alone_prove_nothing():
    kit = [36, 42, 38, 42] * 4
    both = file_of(notes(2, *kit), notes(3, *[60, 64, 67] * 8))
    song = from_midi_bytes(both)
    assert song.sections == ()
    assert song.reason.endswith("pitches alone prove nothing in a song of several channels; --channel 3 may be drums")
    assert from_midi_bytes(both, channel=3).sections[0].hits.sum() == 16
    assert from_midi_bytes(both, track="1").sections[0].hits.sum() == 16
    with pytest.raises(DrumtokError, match=r"channel must be one that has notes \(3, 4\), got 5"):
        from_midi_bytes(both, channel=5)
    with pytest.raises(
        DrumtokError, match=r"track must be the number or name of one that has notes \(1 '', 2 ''\), got"
    ):
        from_midi_bytes(both, track="Drums")


def test_a_channel_that_is_left_without_melodic_programs_is_read_as_drums_if_it_looks_like_a_kit():
    kit, flute = [36, 42, 38, 42] * 4, "00 C3 49 " + notes(3, *[60, 64, 67] * 8)
    song = from_midi_bytes(file_of(notes(2, *kit), flute))
    assert song.sections[0].hits.sum() == 16
    assert song.reason.endswith("channel 4 has the melodic program 74, and channel 3 fits the kit and is read as drums")
    bass = from_midi_bytes(file_of(notes(2, 36, 43, 40, 38, 45, 47, 48), flute))
    assert bass.sections == ()


def test_a_channel_for_each_drum_is_read_as_drums():
    parts = from_midi_bytes(file_of(notes(0, 36, 36), notes(1, 38, 38)))
    assert hits_of(parts) == ["kick 0", "snare 0", "kick 1", "snare 1"]


def test_music_without_drums_is_skipped_with_a_reason(tmp_path):
    data = file_of(notes(0, 60, 64, 67), notes(1, 48, 72))
    song = from_midi_bytes(data)
    assert song.sections == ()
    assert song.reason.endswith("pitches alone prove nothing in a song of several channels")
    (tmp_path / "song.mid").write_bytes(data)
    (item,) = open_source(str(tmp_path)).items(4)
    assert item.status == SKIPPED
    assert item.reason.endswith("in a song of several channels; no hits of the kit")


@pytest.mark.parametrize(
    ("name", "pitches", "hits"),
    [
        ("01_Kick.mid", [60, 60], ["kick 0", "kick 1"]),
        ("02_Trap_Hat.mid", [36, 36], ["closed 0", "closed 1"]),  # one pitch: the name decides
        ("02_Trap_Hat.mid", [60, 61], ["closed 0", "closed 1"]),  # a rising roll
        ("open hat 3.mid", [60], ["open 0"]),
        ("Snare Fill.mid", [38, 45], ["snare 0", "low 1"]),  # notes of the kit: these decide
        ("loop.mid", [60, 60], []),
    ],
)
def test_a_file_of_one_drum_is_read_by_its_name(name, pitches, hits):
    song = from_midi_bytes(file_of(notes(0, *pitches)), f"pack/{name}")
    assert hits_of(song) == hits


def test_a_drum_name_that_changes_notes_is_remarked():
    kick = from_midi_bytes(file_of(notes(0, 60)), "01_Kick.mid")
    assert kick.reason.endswith("read as drums; note 60 is read as 36 (kick) by the file's name")
    assert from_midi_bytes(file_of(notes(9, 36)), "01_Kick.mid").reason == ""
    assert from_midi_bytes(file_of(notes(9, 35)), "01_Kick.mid").reason == ""
    clap = from_midi_bytes(file_of(notes(0, 60)), "808 clap.mid")  # a clap is read as the snare
    assert hits_of(clap) == ["snare 0"]


def test_a_name_changes_nothing_that_general_midi_defines():
    snares = from_midi_bytes(file_of(named("Percussion", notes(9, 38, 38))), "Kick 2.mid")
    assert hits_of(snares) == ["snare 0", "snare 1"]
    bongo = from_midi_bytes(file_of(notes(9, 60)), "01_Kick.mid")
    assert (bongo.sections, bongo.outside) == ((), {60: 1})
    assert bongo.reason == "note 60 on channel 10 stays what General MIDI defines, whatever the file's name is"


def test_a_drum_outside_the_kit_is_counted_with_a_remark():
    song = from_midi_bytes(file_of(notes(0, 36)), "Cowbell 2.mid")
    assert (song.sections, song.outside, song.notes) == ((), {36: 1}, 1)
    assert song.reason.endswith("note 36 is outside the kit by the file's name")


def test_tracks_of_one_drum_are_read_by_their_names():
    data = file_of(named("Kick", notes(0, 60)), named("Snare", notes(1, 60)), named("Hats", notes(2, 42)))
    song = from_midi_bytes(data)
    assert hits_of(song) == ["kick 0", "snare 0", "closed 0"]
    assert song.reason.split("; ") == [
        "note 60 is read as 36 (kick) by the name of track 'Kick'",
        "note 60 is read as 38 (snare) by the name of track 'Snare'",
    ]


# Suggested note maps


def test_a_map_is_suggested_where_most_notes_are_outside():
    def suggestion(*pitches):
        return from_midi_bytes(file_of(notes(9, *pitches))).suggestion

    assert suggestion(36, 38, 60) == ""
    assert suggestion(96, 98, 97, 98) == "100% of the notes are outside the kit: note map clonehero fits"
    higher = '100% of the notes are outside the kit: they fit 24 notes lower, [notes] 60 = "kick"; 62 = "snare"'
    assert suggestion(60, 62) == higher
    assert suggestion(36, 99, 99, 56).endswith("a note map file can assign them, most often 99 (2), 56 (1)")


# Note map files


@pytest.fixture
def my_map(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text('[notes]\n44 = "kick"\n48 = "snare"\n36 = "none"\n')
    return str(path)


def test_a_note_map_file(my_map, tmp_path):
    table = note_map(my_map)
    changed = np.flatnonzero(table != note_map("gm")).tolist()
    assert changed == [36, 44, 48]
    assert table[[36, 44, 48]].tolist() == [-1, 0, 1]
    assert not table.flags.writeable
    (tmp_path / "kit.mid").write_bytes(make_midi([(0, 44), (120, 48), (240, 36)]))
    pattern = read_midi(tmp_path / "kit.mid", note_map=my_map)
    assert np.argwhere(pattern.hits).tolist() == [[0, 0], [1, 1]]
    (item,) = open_source(str(tmp_path / "kit.mid"), DrumsConfig(my_map)).items(4)
    assert item.outside == {36: 1}
    assert CorpusConfig(note_map=my_map).note_map == my_map


def test_a_map_on_another(tmp_path):
    path = tmp_path / "rim.toml"
    path.write_text('base = "td11"\n')
    assert (note_map(str(path)) == note_map("td11")).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[notes]\n44 = kick", ""),
        ('base = "xg"', r"base must be one of gm, .*td11, .*got 'xg'"),
        ("base = 3", r"base must be one of gm, .*td11, .*got 3"),
        ("notes = 3", r"notes must be a table such as \[notes\], got 3"),
        ('[note]\n44 = "kick"', "unknown key 'note', must be one of title, source, base, notes"),
        ('[notes]\n128 = "kick"', "key of notes must be a note number from 0 to 127, got '128'"),
        ('[notes]\nC1 = "kick"', "key of notes must be a note number from 0 to 127, got 'C1'"),
        ('[notes]\n44 = "clap"', r"notes.44 must be one of kick, snare, .*, crash, none, got 'clap'"),
        ("[notes]\n44 = 36", "notes.44 must be one of kick, .*, got 36"),
        ("\xff", ""),
    ],
)
def test_an_invalid_map_is_an_error_with_its_file(text, message, tmp_path):
    path = tmp_path / "my.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DrumtokError, match=rf"cannot read note map '.*my.toml': .*{message}"):
        note_map(str(path))


def test_a_missing_map_is_an_error():
    with pytest.raises(DrumtokError, match=r"cannot read note map 'gone.toml': No such file"):
        note_map("gone.toml")
    with pytest.raises(DrumtokError, match=r"unknown note map 'xg', must be one of gm, .*td11 or a \.toml file"):
        CorpusConfig(note_map="xg")
