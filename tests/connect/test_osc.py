"""Open Sound Control: bars follow live settings, are played by a clock, and are sent over UDP."""

import socket
import time

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok import DrumtokError, Pattern
from drumtok.cli.main import main
from drumtok.connect.bar_player import CLOCKS, BarPlayer
from drumtok.connect.live_settings import LiveSettings, OscConfig
from drumtok.connect.live_writer import LiveWriter
from drumtok.connect.osc_server import OscServer

BEAT = Pattern.from_grid("kick |x---x---x---x---|\nsnare |----X-------X---|")
PATIENCE = 30.0  # seconds


def played(player, ticks):
    """Run a clock; return (tick, drum) of each hit."""
    return [(tick, hit.drum) for tick in range(ticks) for hit in player.advance(1 / CLOCKS)]


def test_hits_come_on_the_ticks_of_their_steps():
    player = BarPlayer()
    player.add(BEAT)
    assert played(player, 96) == [(0, "kick"), (24, "kick"), (24, "snare"), (48, "kick"), (72, "kick"), (72, "snare")]
    assert player.bars == 1


def test_offsets_move_hits_and_none_is_lost_at_the_ends():
    hits = np.zeros((16, 9), dtype=bool)
    hits[[0, 4, 15], 0] = True
    offset = np.where(hits, 0.5, 0.0)
    offset[0, 0] = -0.5
    player = BarPlayer()
    player.add(Pattern(hits, offset=offset))
    assert played(player, 96) == [(0, "kick"), (27, "kick"), (93, "kick")]


def test_the_last_bar_is_played_again_until_there_is_another():
    player = BarPlayer()
    assert played(player, 10) == []
    player.add(BEAT[0])
    player.add(Pattern.from_grid("ride |x---------------|"))
    drums = [drum for _, drum in played(player, 3 * 96)]
    assert drums == ["kick", "kick", "snare", "kick", "kick", "snare", "ride", "ride"]
    assert player.bars == 3


@pytest.mark.parametrize("step", [1 / 24, 0.1, 1.0, 9.0])
def test_no_hit_is_lost_or_repeated_however_the_clock_steps(step):
    player = BarPlayer()
    for _ in range(9):
        player.add(BEAT)
    count = sum(len(player.advance(step)) for _ in range(round(36 / step)))
    assert count == 9 * BEAT.hits.sum()


def test_messages_change_settings():
    settings = LiveSettings().changed("style", "Deep House").changed("tempo", 124).changed("density", "kick", 4.0)
    assert (settings.style, settings.tempo, settings.density) == ("deep-house", 124.0, ("kick=4.0",))
    assert settings.changed("density", "kick").changed("style", "").sampling(2).densities == {}
    for change, message in (
        (("temperature", 0), "temperature must be above 0"),
        (("tempo", "fast"), "tempo must be a float, got 'fast'"),
        (("style", "polka"), "style must be one of"),
        (("density", "cowbell", 4), "density must be a drum of"),
        (("volume", 3), "message must be one of style, tempo, temperature, dynamics, density"),
        (("tempo",), "with one value, got tempo"),
    ):
        with pytest.raises(DrumtokError, match=message):
            settings.changed(*change)


def test_addresses_have_a_host_and_a_port():
    with pytest.raises(DrumtokError, match=r"send must be HOST:PORT such as 127\.0\.0\.1:9010, got '9011'"):
        OscConfig(send="9011")


def test_a_writer_continues_and_starts_again_alike(small_checkpoint_path):
    writer = LiveWriter(LiveSettings(dynamics=0), 2, small_checkpoint_path)
    writer.restart(7)
    first = [writer.write() for _ in range(2)]
    writer.restart(7)
    again = [writer.write() for _ in range(2)]
    assert first == again
    assert [len(bars) for bars in first] == [2, 2]
    writer.change("tempo", 90)
    assert {bar.tempo for bar in writer.write()} == {90.0}


@pytest.fixture
def exchange(small_checkpoint_path):
    """A function that runs a server on free ports, and calls `work(send, receive)` with a client of it."""
    pytest.importorskip("pythonosc")
    from pythonosc.osc_packet import OscPacket
    from pythonosc.udp_client import SimpleUDPClient

    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(PATIENCE)

    def run(work, **settings):
        config = OscConfig("127.0.0.1:0", f"127.0.0.1:{receiver.getsockname()[1]}", **settings)
        with OscServer(config, LiveWriter(LiveSettings(), config.phrase, small_checkpoint_path)) as server:
            client = SimpleUDPClient("127.0.0.1", server.port)

            def receive(address):
                """Wait for messages to an address; return their values, and those of the packet's other messages."""
                end = time.monotonic() + PATIENCE
                while time.monotonic() < end:
                    messages = [each.message for each in OscPacket(receiver.recv(65536)).messages]
                    found = [message.params for message in messages if message.address == address]
                    if found:
                        return found, [message.params for message in messages if message.address != address]
                raise AssertionError(f"no {address} came")

            return work(client.send_message, receive)

    yield run
    receiver.close()


def test_bars_are_sent_as_they_are_written(exchange):
    def work(send, receive):
        send("/drumtok/tempo", 100.0)
        send("/drumtok/start", 7)
        bars = [receive("/drumtok/bar") for _ in range(2)]
        return [(bar[0], hits) for bar, hits in bars]

    (first, hits), (second, _) = exchange(work, clock=True)
    assert first[:5] == [1, 4, 4, 4, 100.0]
    assert first[5] == len(hits)
    assert all(hit[0] == 1 and 1 <= hit[1] <= 16 for hit in hits)
    assert second[0] == 2


def test_the_clock_plays_the_hits_of_the_bars(exchange):
    def work(send, receive):
        send("/drumtok/start", 7)
        (bar,), hits = receive("/drumtok/bar")
        while not hits:
            (bar,), hits = receive("/drumtok/bar")
        for _ in range(bar[0] * 96):
            send("/drumtok/clock", [])
        return hits, receive("/drumtok/note")[0]

    _hits, notes = exchange(work, clock=True, phrase=4)
    assert {note[0] for note in notes} <= {35, 36, 38, 41, 42, 45, 46, 48, 49, 51}
    assert all(1 <= note[1] <= 127 for note in notes)


def test_without_a_clock_the_tempo_plays(exchange):
    notes = exchange(lambda send, receive: receive("/drumtok/note")[0], start=True)
    assert notes[0][2] in {"kick", "snare", "closed", "open", "floor", "low", "high", "ride", "crash"}


def test_what_is_wrong_with_a_message_is_answered(exchange):
    def work(send, receive):
        send("/drumtok/temperature", -1.0)
        return receive("/drumtok/error")[0]

    assert "temperature must be above 0" in exchange(work)[0][0]


def test_an_address_in_use_is_one_clear_error():
    pytest.importorskip("pythonosc")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(DrumtokError, match=f"cannot use '{address}'"):
            OscServer(OscConfig(address), LiveWriter(LiveSettings(), 1))


def test_the_command_names_an_address_in_another_form():
    result = CliRunner().invoke(main, ["osc", "--listen", "here"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: listen must be HOST:PORT such as 127.0.0.1:9010, got 'here'\n"
