"""Pictures of patterns."""

from importlib.util import find_spec

import numpy as np
import pytest

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.rendering.picture import draw_png

pytestmark = pytest.mark.skipif(find_spec("matplotlib") is None, reason="requires matplotlib")


@pytest.mark.parametrize("bars", [1, 4, 5])
def test_a_picture_is_a_png_that_grows_with_the_rows(bars, tmp_path):
    draw_png(Pattern.from_grid("kick |" + "x---x---x---x---|" * bars), tmp_path / "a.png", title="a & b")
    data = (tmp_path / "a.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    height = int.from_bytes(data[20:24], "big")
    assert (height > 300) == (bars > 4)


def test_what_is_hit_shows(tmp_path):
    from matplotlib.image import imread

    def dark(grid):
        draw_png(Pattern.from_grid(grid), tmp_path / "a.png")
        return (imread(tmp_path / "a.png")[..., 0] < 0.45).sum()

    assert dark("kick |XXXXXXXXXXXXXXXX|") > dark("kick |X---------------|") > dark("kick |----------------|")


def test_a_pattern_without_bars_is_an_error(tmp_path):
    with pytest.raises(DrumtokError, match="must have at least 1 bar, got 0"):
        draw_png(Pattern(np.zeros((0, N_DRUMS))), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
