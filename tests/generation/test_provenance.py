"""The provenance of a file, and `--like`, which reproduces the file."""

import os
import shutil
from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from drumtok.cli.main import main
from drumtok.errors import DrumtokError
from drumtok.generation.provenance import Provenance, parse_provenance, path_arguments, provenance, read_provenance
from drumtok.midi.files import read_midi, to_midi_bytes, write_midi
from drumtok.midi.writer import MidiConfig
from drumtok.network.checkpoint import save_checkpoint
from drumtok.pattern import Pattern
from drumtok.runtime.options import arguments_of
from drumtok.sampling.config import SamplingConfig
from drumtok.version import __version__

BEAT = Pattern.from_grid(
    "kick |x-------x-x-----|x-------x---x---|\nsnare |----x-------x---|----x-------x---|", tempo=96
)
WALTZ = Pattern.from_grid("kick |x---x---x---|", meter=(3, 4), tempo=90.5)
DIGEST = "0123456789abcdef"

words = st.text(st.characters(codec="utf-8"), min_size=1)
digests = st.text("0123456789abcdef", min_size=16, max_size=16)
names = st.from_regex(r"[^\s;]+", fullmatch=True)


@given(
    st.lists(words | st.sampled_from([";", "; from b sha256 " + DIGEST, "'", "#", "-1"])),
    st.dictionaries(
        st.sampled_from(["checkpoint", "primer", "from", "out-map"]), st.tuples(names, digests), min_size=1
    ),
)
def test_provenance_is_read_back_whatever_a_path_is_called(options, files):
    made = Provenance("sample", tuple(options), files)
    assert parse_provenance(made.text) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a beat",
        "drumtok 0.1.0",
        f"drumtok {__version__}: seed 7, temperature 1.0, top-p 0.97, checkpoint small, bars 2, tempo 120.0",
        f"drumtok {__version__}: sample --primer 'a.mid; checkpoint small sha256 0123456789abcdef",
        "by drumtok 0.1.0: sample --seed 7",
    ],
)
def test_other_texts_are_none_of_it(text):
    assert parse_provenance(text) is None


def test_files_are_identified_by_name_and_digest(tmp_path):
    (tmp_path / "a b.mid").write_bytes(b"abc")  # the example of FIPS 180-2, appendix B.1
    made = provenance("sample", (), {"primer": tmp_path / "a b.mid", "from": None})
    assert made.files == {"primer": ("a-b", "ba7816bf8f01cfea")}
    with pytest.raises(DrumtokError, match=r"cannot read 'not/there'"):
        provenance("sample", (), {"primer": "not/there"})


def test_what_differs_is_reported():
    made = Provenance("sample", (), {"checkpoint": ("mine", DIGEST), "primer": ("a", DIGEST)}, "0.0.1")
    now = Provenance("sample", (), {"checkpoint": ("default", DIGEST[::-1]), "primer": ("b", DIGEST)}, "0.2")
    assert made.differences(now) == [
        "drumtok 0.0.1, and this is 0.2",
        f"checkpoint mine (sha256 {DIGEST}...), and default is another (sha256 {DIGEST[::-1]}...)",
    ]
    assert made.differences(made) == []


def test_options_as_the_command_line_has_them():
    config = SamplingConfig(temperature=0.8, greedy=False, forbid=("ride", "crash"), top_p=SamplingConfig.top_p, bars=8)
    writing = MidiConfig(track_per_drum=True, note_map="my.toml")
    assert arguments_of(config, writing) == (
        *("--bars", "8", "--forbid", "ride,crash", "--temperature", "0.8"),
        *("--track-per-drum", "--out-map", "my.toml"),
    )
    assert arguments_of(SamplingConfig(), MidiConfig()) == ()
    assert path_arguments({"primer": Path("a b.mid"), "from": None}) == ("--primer", "a b.mid")


@pytest.fixture
def made(sample):
    """A function that runs the command in a folder with files to continue, and returns the file and the errors."""
    write_midi(BEAT, "a beat.mid")
    write_midi(WALTZ, "wälzer; it's.mid")
    Path("my.toml").write_text('[notes]\n60 = "kick"', encoding="utf-8")

    def run(*arguments, out="made.mid"):
        result = sample(*arguments, "--out", out)
        assert result.exit_code == 0, result.output
        return Path(out).read_bytes(), result.stderr

    return run


ALWAYS = (
    *(["--temperature", 0.7], ["--top-k", 9], ["--top-p", 0.5], ["--min-p", 0.01], ["--kind", "any"]),
    *(["--repetition", -1.5], ["--repetition", 2, "--repetition-bars", 3], ["--density", "closed=4.5,crash=1"]),
    *(["--forbid", "ride,floor"], ["--style", "funk"], ["--tempo", 133.3], ["--swing", 61.5], ["--midi-type", 0]),
    *(["--out-map", "td11"], ["--out-map", "my.toml"]),
)
SOURCES = (
    *([], ["--bars", 3], ["--primer", "a beat.mid", "--bars", 1], ["--primer", "wälzer; it's.mid", "--bars", 2]),
    *(["--keep", "kick,snare", "--from", "a beat.mid", "--particles", 3], ["--bars", 1, "--track-per-drum"]),
    ["--fill-bars", 2, "--keep", "kick", "--from", "a beat.mid", "--particles", 2],
)


@pytest.mark.parametrize("case", range(40))
def test_a_file_is_made_again_from_itself(made, sample, small_checkpoint_path, case):
    rng = np.random.default_rng(case)
    options = [*SOURCES[case % len(SOURCES)], "--seed", int(rng.integers(2**31))]
    for n in rng.permutation(len(ALWAYS))[: case % 5]:
        if ALWAYS[n][0] not in options and not (ALWAYS[n][0] == "--midi-type" and "--track-per-drum" in options):
            options += ALWAYS[n]
    first, _ = made(*options, "--checkpoint", small_checkpoint_path)
    again, errors = made("--like", "made.mid", "--checkpoint", small_checkpoint_path, out="again.mid")
    assert again == first
    assert errors == ""
    flags = {option for option in options if str(option).startswith("--")}
    assert flags <= set(read_provenance("made.mid").options)


def test_a_checkpoint_that_was_named_is_found_again(made, small_checkpoint_path):
    shutil.copy(small_checkpoint_path, "mine.safetensors")
    first, _ = made("--seed", 5, "--bars", 1, "--checkpoint", "mine.safetensors")
    for there in (True, False):
        result = CliRunner().invoke(main, ["sample", "--like", "made.mid", "--out", "again.mid"])
        assert (result.exit_code == 0) == there
        assert Path("again.mid").read_bytes() == first
        Path("mine.safetensors").unlink(missing_ok=True)
    assert result.stderr == "Error: checkpoint 'mine.safetensors' does not exist\n"


def test_without_out_it_gets_its_own_name_again(made, sample):
    made("--seed", 12, "--bars", 1)
    assert sample("--like", "made.mid").exit_code == 0
    assert Path("drumtok-12.mid").read_bytes() == Path("made.mid").read_bytes()
    assert sample("--like", "drumtok-12.mid").exit_code == 0
    result = sample("--like", "drumtok-12.mid", "--tempo", 99)
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: cannot write 'drumtok-12.mid': it would be overwritten with another result, use --out\n",
    )
    assert Path("drumtok-12.mid").read_bytes() == Path("made.mid").read_bytes()


def test_each_of_many_is_made_again_alone(sample):
    assert sample("--seed", 3, "--bars", 1, "--count", 3).exit_code == 0
    for seed in (3, 4, 5):
        assert sample("--like", f"drumtok-{seed}.mid", "--out", "again.mid").exit_code == 0
        assert Path("again.mid").read_bytes() == Path(f"drumtok-{seed}.mid").read_bytes()


def test_options_beside_it_go_before_those_of_the_file(made):
    made("--seed", 7, "--bars", 2, "--greedy", "--tempo", 90, "--track-per-drum")
    wanted, _ = made("--seed", 8, "--bars", 2, "--tempo", 99, out="wanted.mid")
    beside = ("--seed", 8, "--no-greedy", "--tempo", 99, "--no-track-per-drum")
    assert made("--like", "made.mid", *beside, out="again.mid")[0] == wanted


def test_what_is_beside_is_made_again_too(made, sample):
    made("--seed", 7, "--bars", 1)
    assert sample("--like", "made.mid", "--out", "again.mid", "--wav").exit_code == 0
    assert Path("again.wav").is_file()
    assert sample("--like", "made.mid", "--format", "mid").stdout_bytes == Path("made.mid").read_bytes()


def test_another_version_and_another_checkpoint_are_warnings(made, small_checkpoint):
    data, _ = made("--seed", 7, "--bars", 1)
    old = f"{__version__}: sample".encode()
    Path("old.mid").write_bytes(data.replace(old, b"9" * len(__version__) + b": sample"))
    again, errors = made("--like", "old.mid", out="again.mid")
    version = "9" * len(__version__)
    warning = f"old.mid was made with drumtok {version}, and this is {__version__}, so the result may differ\n"
    assert (again, errors) == (data, warning)
    weights = {name: array * 2 for name, array in small_checkpoint.weights.items()}
    save_checkpoint(type(small_checkpoint)(small_checkpoint.config, weights), "other.safetensors")
    again, errors = made("--like", "made.mid", "--checkpoint", "other.safetensors", out="again.mid")
    assert again != data
    assert errors.startswith("made.mid was made with checkpoint small (sha256 ")
    assert "...), and other is another (sha256 " in errors
    assert errors.count("\n") == 1


def test_a_primer_that_changed_is_a_warning(made):
    made("--primer", "a beat.mid", "--seed", 7, "--bars", 1)
    write_midi(WALTZ, "a beat.mid")
    _, errors = made("--like", "made.mid", out="again.mid")
    assert errors.startswith("made.mid was made with primer a-beat (sha256 ")
    assert errors.count("\n") == 1


def test_the_text_may_stand_in_any_track_and_among_others(made):
    first, _ = made("--seed", 7, "--bars", 1)
    file = mido.MidiFile("made.mid", charset="utf-8")
    text = file.tracks[0].pop(0)
    file.tracks[1][:0] = [mido.MetaMessage("text", text="of a DAW"), text]
    file.save("edited.mid")
    assert made("--like", "edited.mid", out="again.mid")[0] == first


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_primer_whose_name_is_no_utf_8(made):
    name = os.fsdecode(b"b\xffat.mid")
    try:
        write_midi(BEAT, name)
    except DrumtokError:
        pytest.skip("the file system has no such names")
    first, _ = made("--primer", name, "--seed", 7, "--bars", 1)
    assert made("--like", "made.mid", out="again.mid") == (first, "")
    assert read_midi("made.mid").bars == 1


def with_text(text):
    return to_midi_bytes(BEAT, text=f"drumtok {__version__}: {text}; checkpoint small sha256 {DIGEST}")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("missing.mid", "cannot read 'missing.mid': No such file or directory"),
        (b"noise", "cannot read 'it.mid': it has no MThd header"),
        (to_midi_bytes(BEAT), "cannot read 'it.mid': it has no record of how drumtok made it"),
        (
            to_midi_bytes(BEAT, text="drumtok 0.1.0: seed 7, bars 2"),
            "cannot read 'it.mid': it has no record of how drumtok made it",
        ),
        (to_midi_bytes(BEAT, text="of a DAW"), "cannot read 'it.mid': it has no record of how drumtok made it"),
        (with_text("vary beat.mid --seed 3"), "--like must be a file of drumtok sample, got one of: drumtok vary beat"),
        (with_text("sample --flux 3"), "cannot use --like 'it.mid': this version of drumtok does not know an option: "),
        (with_text("sample beat.mid"), "cannot use --like 'it.mid': 'beat.mid' is not an option"),
        (
            with_text("sample --out x.mid"),
            "cannot use --like 'it.mid': it holds 'out', which does not determine a pattern",
        ),
        (
            with_text("sample --like it.mid"),
            "cannot use --like 'it.mid': it holds 'like', which does not determine a pattern",
        ),
        (with_text("sample --wav"), "cannot use --like 'it.mid': it holds 'wav', which does not determine a pattern"),
        (with_text("sample --primer gone.mid"), "cannot read 'gone.mid': No such file or directory"),
        (with_text("sample --keep kick --from gone.mid"), "cannot read 'gone.mid': No such file"),
        (with_text("sample --bars 0"), "bars must be between 1 and 1024, got 0"),
    ],
)
def test_what_cannot_be_made_again_ends_in_one_line_and_no_file(sample, file, message):
    if isinstance(file, bytes):
        Path("it.mid").write_bytes(file)
    before = os.listdir()
    result = sample("--like", "it.mid" if isinstance(file, bytes) else file)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert os.listdir() == before
