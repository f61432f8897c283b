"""The detail of a sound as text: writing and reading, differences between two sounds, and invalid texts."""

import base64

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.sound.details import UNIT, detail_of, mixed_details, with_detail
from drumtok.sound.parameters import DEPTH, LEVELS, SIZE, TONES
from drumtok.sound.tones import SILENT


@pytest.fixture
def pair():
    """The parameters of two sounds, above their floors."""
    rng = np.random.default_rng(0)
    return rng.uniform(-40, -5, SIZE), rng.uniform(-40, -5, SIZE)


def test_a_detail_leads_from_decoded_parameters_to_those_of_the_sound(pair):
    own, decoded = pair
    detail = detail_of(own, decoded)
    assert len(detail) == 4 * -(-SIZE // 3)
    assert np.abs(with_detail(decoded, detail) - own).max() <= UNIT / 2
    assert detail_of(own, own) == ""
    assert with_detail(decoded, "") is decoded


def test_what_is_below_a_floor_is_as_if_on_it(pair):
    own, decoded = pair
    low = own.copy()
    low[TONES:], low[LEVELS] = -DEPTH - 20, SILENT - 20
    raised = with_detail(low, detail_of(own, low))
    assert np.abs(raised - own).max() <= UNIT / 2
    lowered = with_detail(decoded, detail_of(low, decoded))
    assert np.abs(lowered[TONES:] + DEPTH).max() <= UNIT / 2


def test_details_are_mixed_and_fade(pair):
    own, decoded = pair
    detail = detail_of(own, decoded)
    zero = np.zeros(SIZE)
    half = with_detail(zero, mixed_details(detail, "", 0.5))
    assert np.abs(half - with_detail(zero, detail) / 2).max() <= UNIT / 2
    assert mixed_details(detail, "", 0) == mixed_details("", detail, 1) == detail
    assert mixed_details(detail, "", 1) == ""


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("!", "detail must be base64"),
        ("é", "detail must be base64"),
        (base64.b64encode(bytes(3)).decode(), f"detail must be {SIZE} bytes in base64, got 3"),
    ],
)
def test_what_is_no_detail_is_an_error(text, match):
    with pytest.raises(DrumtokError, match=match):
        with_detail(np.zeros(SIZE), text)
