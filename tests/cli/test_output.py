"""What `sample` and `render` produce besides a MIDI file: sound, pictures, text for pipes, and playback."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.cli.output import FORMATS, OutputConfig, formatted, player
from drumtok.drums import LANES
from drumtok.generation.generate import generate
from drumtok.midi.files import read_midi, write_midi
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render
from drumtok.rendering.kits import KIT_NAMES
from drumtok.rendering.wav_files import wav_bytes
from drumtok.runtime.install import install_command
from drumtok.tokenizer.json_format import from_json, to_json
from drumtok.tokenizer.text import format_grooves, format_song, parse_songs

BEAT = Pattern.from_grid("kick |x-------x-------|\nsnare |----X-------X--o|", tempo=97)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture
def sample(run, small_checkpoint_path):
    return lambda *arguments: run(
        "sample", "--checkpoint", small_checkpoint_path, "--seed", 7, "--dynamics", 0, *arguments
    )


@pytest.fixture
def made(small_checkpoint):
    return generate(7, bars=2, checkpoint=small_checkpoint)


class Port:
    """A MIDI port that lists its name, what is played to it and "closed"; `stops` raises KeyboardInterrupt instead."""

    def __init__(self, stops=False):
        self.events, self.stops = [], stops

    @contextmanager
    def opened(self, name):
        self.events.append(name)
        try:
            yield self
        finally:
            self.events.append("closed")

    def play(self, pattern, port, times, writing):
        if self.stops:
            raise KeyboardInterrupt
        self.events.append((pattern, port, times, writing))


def test_sound_is_written_beside_the_file(sample, made):
    result = sample("--bars", 2, "--wav", "--kit", "808", "--swing", 60, "--out", "beat.mid")
    assert result.exit_code == 0, result.output
    assert sorted(os.listdir()) == ["beat.mid", "beat.wav"]
    assert Path("beat.wav").read_bytes() == wav_bytes(render(made, "808", swing=60))
    assert result.stdout.endswith("\n# beat.mid\n# beat.wav\n")


def test_stems_are_written_beside_the_sound_of_all(sample, made):
    options = ("--bars", 2, "--wav", "--stems", "--rate", 48_000, "--depth", 24, "--out", "beat.mid")
    result = sample(*options)
    assert result.exit_code == 0, result.output
    played = [lane for lane, hits in zip(LANES, made.hits.T, strict=True) if hits.any()]
    assert set(os.listdir()) == {"beat.mid", "beat.wav", *(f"beat-{lane}.wav" for lane in played)}
    assert Path("beat.wav").read_bytes() == wav_bytes(render(made, rate=48_000), 48_000, 24)
    assert f"# beat-{played[0]}.wav" in result.stdout
    Path(f"beat-{played[0]}.wav").write_bytes(b"another")
    refused = sample(*options)
    assert (refused.exit_code, f"beat-{played[0]}.wav" in refused.stderr) == (2, True)


def test_each_of_many_has_its_own(sample, made):
    sample("--bars", 2, "--wav", "--tail", "ring", "--count", 2)
    assert sorted(os.listdir()) == ["drumtok-7.mid", "drumtok-7.wav", "drumtok-8.mid", "drumtok-8.wav"]
    assert Path("drumtok-7.wav").read_bytes() == wav_bytes(render(made, tail="ring"))


def test_a_picture_is_written_beside_the_file(sample):
    pytest.importorskip("matplotlib")
    assert sample("--bars", 1, "--png").exit_code == 0
    assert Path("drumtok-7.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("form", ["words", "grid", "json"])
def test_a_form_is_all_that_is_printed_and_no_file_is_written(sample, made, form):
    result = sample("--bars", 2, "--format", form)
    assert result.stdout_bytes == formatted(made, form)
    assert result.stderr == ""
    assert os.listdir() == []
    assert sample("--bars", 2, "--format", form, "--count", 3).stdout_bytes.startswith(result.stdout_bytes)


def test_a_midi_file_through_a_pipe_is_that_of_a_file(sample):
    options = ("--bars", 2, "--swing", 60)
    sample(*options)
    assert sample(*options, "--format", "mid").stdout_bytes == Path("drumtok-7.mid").read_bytes()


def test_with_a_form_files_are_written_where_out_points(sample, made):
    result = sample("--bars", 2, "--format", "json", "--out", "a.mid", "--wav")
    assert from_json(result.stdout) == made
    assert sorted(os.listdir()) == ["a.mid", "a.wav"]
    assert read_midi("a.mid") == made


def test_a_real_pipe_holds_the_bytes(small_checkpoint_path, tmp_path):
    door = Path(__file__).parents[2] / "sample.py"
    command = [sys.executable, str(door), "--checkpoint", str(small_checkpoint_path), "--seed", "7", "--bars", "1"]
    done = subprocess.run([*command, "--format", "mid"], cwd=tmp_path, capture_output=True, check=True)
    (tmp_path / "a.mid").write_bytes(done.stdout)
    assert read_midi(tmp_path / "a.mid").bars == 1


def test_a_pattern_is_played_as_asked():
    port, writing = Port(), MidiConfig(swing=60)
    with player(OutputConfig(play=True, port="synth", times=3), writing, port.opened, port.play) as on_pattern:
        on_pattern(BEAT)
    assert port.events == ["synth", (BEAT, port, 3, writing), "closed"]


def test_no_port_is_opened_where_nothing_is_played():
    port = Port()
    with player(OutputConfig(), MidiConfig(), port.opened, port.play) as on_pattern:
        on_pattern(BEAT)
    assert port.events == []


def test_ctrl_c_while_it_plays_closes_the_port():
    port = Port(stops=True)
    with (
        pytest.raises(KeyboardInterrupt),
        player(OutputConfig(play=True), MidiConfig(), port.opened, port.play) as on_pattern,
    ):
        on_pattern(BEAT)
    assert port.events == [None, "closed"]


@pytest.fixture
def sent(monkeypatch):
    """The messages sent to the only port, which raises KeyboardInterrupt at the first note; "closed" at the end."""
    sent = []

    class Synth:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            sent.append("closed")

        def send(self, message):
            sent.append(message)
            if message.type == "note_on":
                raise KeyboardInterrupt

    class Backend:
        def __init__(self, name):
            pass

        def get_output_names(self):
            return ["Synth"]

        def open_output(self, name):
            return Synth()

    monkeypatch.setattr(mido, "Backend", Backend)
    return sent


def test_ctrl_c_on_the_command_line_ends_what_sounds(run, sent):
    write_midi(BEAT, "a.mid")
    result = run("render", "a.mid", "--play", "--times", 0)
    assert (result.exit_code, result.stderr) == (130, "\nstopped\n")
    begun, ended = sent.index(mido.Message("note_on", channel=9, note=36, velocity=100)), sent[-1]
    assert mido.Message("note_off", channel=9, note=36) in sent[begun:]
    assert sent[-2].is_cc(123)
    assert ended == "closed"
    assert os.listdir() == ["a.mid"]


def test_ctrl_c_while_a_new_pattern_plays_leaves_its_file(sample, sent):
    assert sample("--bars", 2, "--play", "--port", "synth").exit_code == 130
    assert sent[-1] == "closed"
    assert os.listdir() == ["drumtok-7.mid"]


def test_a_file_is_rendered_beside_it(run):
    write_midi(BEAT, "beat.mid")
    result = run("render", "beat.mid")
    assert result.exit_code == 0, result.output
    assert result.stdout == "beat.wav\n"
    assert Path("beat.wav").read_bytes() == wav_bytes(render(BEAT))
    result = run("render", "beat.mid", "--kit", "jazz", "--tail", "ring", "--swing", 60)
    assert Path("beat.wav").read_bytes() == wav_bytes(render(BEAT, "jazz", tail="ring", swing=60))


def test_a_file_is_rendered_into_a_folder_and_read_as_asked(run):
    write_midi(BEAT, "beat.mid")
    Path("out").mkdir()
    assert run("render", "beat.mid", "--out", "out", "--grid", 3).exit_code == 0
    assert os.listdir("out") == ["beat.wav"]
    assert Path("out/beat.wav").read_bytes() == wav_bytes(render(read_midi("beat.mid", grid=3)))


@pytest.mark.parametrize(
    ("name", "text", "has_tempo"),
    [
        ("a.txt", format_song(BEAT), 100),
        ("a.grid", format_grooves([BEAT]), None),
        ("a.json", to_json(BEAT) + "\n", None),
    ],
)
def test_texts_are_rendered_too(run, name, text, has_tempo):
    Path(name).write_text(text, encoding="utf-8")
    assert run("render", name).stdout == "a.wav\n"
    pattern = Pattern(BEAT.hits, tempo=97) if has_tempo else BEAT
    assert Path("a.wav").read_bytes() == wav_bytes(render(pattern))


def test_a_file_of_several_gives_several(run):
    Path("two.grid").write_text(format_grooves([BEAT, BEAT.slice_bars(0, 1)]), encoding="utf-8")
    assert run("render", "two.grid").stdout == "two-1.wav\ntwo-2.wav\n"


def test_files_are_converted_to_forms(run):
    write_midi(BEAT, "a.mid")
    write_midi(BEAT.quantised(), "b.mid")
    result = run("render", "a.mid", "b.mid", "--format", "words")
    assert [song.name for song in parse_songs(result.stdout)] == ["a", "b"]
    assert sorted(os.listdir()) == ["a.mid", "b.mid"]
    assert from_json(run("render", "a.mid", "--format", "json").stdout) == BEAT
    Path("my.toml").write_text('[notes]\n60 = "kick"', encoding="utf-8")
    data = run("render", "a.mid", "--format", "mid", "--out-map", "my.toml").stdout_bytes
    Path("c.mid").write_bytes(data)
    assert read_midi("c.mid", note_map="my.toml") == BEAT


def test_guesses_are_reported_apart_from_what_is_printed(run):
    write_midi(BEAT, "a.mid")
    Path("cut.mid").write_bytes(Path("a.mid").read_bytes()[:-6])
    result = run("render", "cut.mid", "--format", "grid")
    assert result.exit_code == 0
    assert result.stderr.startswith("cut.mid: ")
    assert Pattern.from_grid(result.stdout).bars == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--kit", "banjo"],
            f"kit must be one of {', '.join(KIT_NAMES)}, seed:NUMBER or a folder of WAV files, got 'banjo'",
        ),
        (["--tail", "cut"], "tail must be one of loop, ring, got 'cut'"),
        (["--format", "xml"], f"format must be one of {', '.join(FORMATS)}, got 'xml'"),
        (["--format", "mid", "--count", "2"], "--format mid must be used with one pattern, got 2"),
        (["--format", "h2song", "--count", "2"], "--format h2song must be used with one pattern, got 2"),
        (["--port", "x"], "--port requires --play"),
        (["--times", "2"], "--times requires --play"),
        (["--kit", "808"], "--kit requires --wav"),
        (["--png", "--tail", "ring"], "--tail requires --wav"),
        (["--stems"], "--stems requires --wav"),
        (["--depth", "24"], "--depth requires --wav"),
        (["--wav", "--depth", "32"], "depth must be one of 16, 24, got 32"),
        (["--wav", "--rate", "96000"], "rate must be one of 44100, 48000, got 96000, did you mean '48000'?"),
        (["--play", "--times", "-1"], "times must be at least 0, got -1"),
        (["--wav", "--out", "a.wav"], "--out must end in .mid or .midi, got 'a.wav'"),
    ],
)
def test_bad_options_of_sample_end_in_one_line_and_no_file(sample, arguments, message):
    result = sample(*arguments)
    assert result.exit_code == 2
    assert result.stderr == f"Error: {message}\n"
    assert result.stdout == ""
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.mid"], "cannot read 'missing.mid'"),
        (["missing.grid"], "cannot read 'missing.grid'"),
        (["noise.mid"], "cannot read 'noise.mid': "),
        (["noise.json"], "'noise.json': cannot read a pattern from JSON"),
        (["silent.mid"], "cannot render 'silent.mid': it has no hits of the kit"),
        (["a.mid", "--out", "a.mp3"], "--out must be a folder or end in .wav, got 'a.mp3'"),
        (["a.mid", "sub/a.mid", "--out", "b.wav"], "--out must be a folder for 2 patterns, got 'b.wav'"),
        (["a.mid", "sub/a.mid", "--out", "sub"], "names of the outputs must differ, got 'sub/a.wav' twice"),
        (["a.mid", "sub/a.mid", "--format", "mid"], "--format mid must be used with one pattern, got 2"),
        (["code.js"], "cannot read 'code.js': files that end in .js are only written"),
        (["noise.musicxml"], "'noise.musicxml': text must be XML: "),
        (["a.mid", "--png", "--kit", "808"], "--kit requires --wav"),
        (["a.mid", "--midi-type", "0"], "--midi-type requires --format mid"),
        (["a.mid", "--track-per-drum"], "--track-per-drum requires --format mid"),
        (["a.mid", "--out-map", "my.toml"], "--out-map requires --format mid or --play"),
        (["a.mid", "--png", "--swing", "60"], "--swing requires --wav, --play or --format mid"),
        (["a.mid", "--grid", "3", "--swing", "60"], "swing must be 50 on a grid of triplets, got 60"),
    ],
)
def test_bad_input_of_render_ends_in_one_line_and_no_file(run, arguments, message):
    Path("sub").mkdir()
    for name in ("a.mid", "sub/a.mid"):
        write_midi(BEAT, name)
    write_midi(Pattern(np.zeros((0, 9))), "silent.mid")
    Path("noise.mid").write_bytes(b"noise")
    for name in ("noise.json", "noise.musicxml", "code.js"):
        Path(name).write_text("noise", encoding="utf-8")
    before = sorted(map(str, Path().rglob("*")))
    result = run("render", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert sorted(map(str, Path().rglob("*"))) == before


def test_a_picture_without_matplotlib_is_an_error_that_names_what_to_install(sample, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = sample("--png")
    assert (result.exit_code, os.listdir()) == (2, [])
    assert result.stderr == f"Error: drawing requires matplotlib: {install_command('picture')}\n"
