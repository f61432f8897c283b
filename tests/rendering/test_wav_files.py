"""WAV files: every bit depth is written and read back, and other files are refused."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.errors import DrumtokError
from drumtok.rendering.wav_files import parse_wav, read_wav, resample, wav_bytes


def sine(hertz, rate, seconds=0.5):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)[:, None]


@pytest.mark.parametrize(("depth", "rate"), [(16, 44_100), (24, 48_000)])
@pytest.mark.parametrize("frames", [1, 2, 101])
def test_what_is_written_is_read_back(depth, rate, frames):
    sound = np.random.default_rng(0).uniform(-1, 1, (frames, 2)).astype(np.float32)
    data = wav_bytes(sound, rate, depth)
    assert len(data) == 4 + 4 + int.from_bytes(data[4:8], "little")
    read, found = parse_wav(data)
    assert found == rate
    assert np.abs(read - sound).max() <= 2.0 ** (2 - depth)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getparams()[:4] == (2, depth // 8, rate, frames)


def test_24_bits_are_little_endian_and_full_scale_is_the_largest_number():
    sound = np.float32([[1], [-1], [2], [0], [0.5]])
    data = wav_bytes(sound, depth=24)
    at = data.index(b"data") + 8
    assert data[at : at + 15].hex(" ", 3) == "ffff7f 010080 ffff7f 000000 000040"


def riff(code, bits, channels, data, extra=b""):
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, 44_100, 44_100 * width, width, bits) + extra
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # a chunk of odd length is padded
    chunks += b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize(
    ("code", "bits", "data", "extra", "expected"),
    [
        (1, 8, bytes([0, 128, 192]), b"", [-1, 0, 0.5]),
        (1, 16, struct.pack("<3h", -32768, 0, 16384), b"", [-1, 0, 0.5]),
        (1, 24, bytes.fromhex("000080 000000 000040"), b"", [-1, 0, 0.5]),
        (1, 32, struct.pack("<3i", -(2**31), 0, 2**30), b"", [-1, 0, 0.5]),
        (3, 32, struct.pack("<3f", -1, 0, 0.5), b"", [-1, 0, 0.5]),
        (3, 64, struct.pack("<3d", -1, 0, 0.5), b"", [-1, 0, 0.5]),
        (
            0xFFFE,
            16,
            struct.pack("<3h", -32768, 0, 16384),
            struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14),
            [-1, 0, 0.5],
        ),
    ],
)
def test_every_kind_of_samples_is_read(code, bits, data, extra, expected):
    assert parse_wav(riff(code, bits, 1, data, extra))[0][:, 0].tolist() == expected


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is not a WAV file"),
        (b"RIFF\x04\0\0\0WAVE", "it has no sound"),
        (riff(1, 16, 2, b"\0\0"), "it has no sound"),  # shorter than a frame
        (riff(2, 4, 1, bytes(8)), "its format must be PCM of 8 to 32 bits or floating point, got code 2 of 4 bits"),
        (
            riff(1, 16, 0, bytes(8)),
            "it must have 1 to 32 channels and 4000 to 384000 frames per second, got 0 and 44100",
        ),
        (riff(3, 32, 1, struct.pack("<f", np.nan)), "its samples are not all finite numbers"),
    ],
)
def test_other_files_are_refused(tmp_path, data, why):
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(DrumtokError, match=f"cannot read '.*a.wav': {why}"):
        read_wav(tmp_path / "a.wav")


@given(at=st.integers(0, 60), value=st.integers(0, 255), length=st.integers(0, 120))
def test_a_damaged_file_is_read_or_refused(at, value, length):
    data = bytearray(riff(1, 16, 2, bytes(range(64))))
    data[at] = value
    try:
        sound, rate = parse_wav(bytes(data[:length]))
    except ValueError:
        return
    assert sound.size
    assert np.isfinite(sound).all()
    assert 4000 <= rate <= 384_000


def test_a_file_that_was_cut_is_read_as_far_as_it_goes():
    whole = wav_bytes(sine(1000, 44_100))
    assert len(parse_wav(whole[:1044])[0]) == 500


@pytest.mark.parametrize(("rate", "to"), [(44_100, 48_000), (48_000, 44_100), (22_050, 44_100), (96_000, 44_100)])
def test_a_sine_keeps_its_pitch_and_level_at_another_rate(rate, to):
    changed = resample(sine(1000, rate), rate, to)
    expected = sine(1000, to)
    assert changed.shape == expected.shape
    middle = slice(to // 10, -to // 10)
    assert np.abs(changed - expected)[middle].max() < 2e-3
    assert resample(changed, to, to) is changed
