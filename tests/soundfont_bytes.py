"""SoundFont files for tests, with one percussion preset of one instrument."""

from struct import pack

PRESET = 7


def zone_bytes(zones):
    """Return the bag and generator tables of zones, lists of (number, amount), closed by a terminal row."""
    bags, generators, count = b"", b"", 0
    for zone in zones:
        bags += pack("<HH", count, 0)
        generators += b"".join(pack("<Hh", *generator) for generator in zone)
        count += len(zone)
    return bags + pack("<HH", count, 0), generators + pack("<Hh", 0, 0)


def chunk(name, content):
    return name + pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def soundfont(samples, instrument, preset=((),), bank=128):
    """Return the bytes of a font.

    Args:
        samples: (int16 frames, loop start, loop end, rate, key, correction) of each sample.
        instrument: its zones, each a list of (generator, amount).
        preset: the generators of its zones, to which the instrument is added.
    """
    frames, headers = [], b""
    for own, loop_start, loop_end, rate, key, correction in samples:
        start = len(frames)
        frames += [*own, *[0] * 46]
        ends = start, start + len(own), start + loop_start, start + loop_end
        headers += pack("<20s5IBbHH", b"sample", *ends, rate, key, correction, 0, 1)
    headers += pack("<20s5IBbHH", b"EOS", *[0] * 9)
    named = [[*zone, (41, 0)] for zone in preset]
    pbag, pgen = zone_bytes(named)
    ibag, igen = zone_bytes(instrument)
    heads = pack("<20sHHHIII", b"kit", PRESET, bank, 0, 0, 0, 0) + pack("<20sHHHIII", b"EOP", 0, 0, len(named), 0, 0, 0)
    tables = chunk(b"phdr", heads) + chunk(b"pbag", pbag) + chunk(b"pmod", bytes(10)) + chunk(b"pgen", pgen)
    tables += chunk(b"inst", pack("<20sH", b"drums", 0) + pack("<20sH", b"EOI", len(instrument)))
    tables += chunk(b"ibag", ibag) + chunk(b"imod", bytes(10)) + chunk(b"igen", igen) + chunk(b"shdr", headers)
    lists = chunk(b"LIST", b"INFO" + chunk(b"ifil", pack("<HH", 2, 1)))
    lists += chunk(b"LIST", b"sdta" + chunk(b"smpl", pack(f"<{len(frames)}h", *frames)))
    lists += chunk(b"LIST", b"pdta" + tables)
    return chunk(b"RIFF", b"sfbk" + lists)


def notes(low, high):
    """Return the generator that limits a zone to a range of notes."""
    return 43, low | high << 8
