"""Training the bar clock and the plan reader, and stepping them in NumPy."""

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from tiny_corpus import songs_of
from tiny_run import SMALL

from drumtok.cli.main import main
from drumtok.dataset.corpus import open_corpus
from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import PREFIX as OF_CLOCK
from drumtok.network.bar_clock import BarClock, clock_shapes, picture_of
from drumtok.network.checkpoint import Checkpoint, load_checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.context import BarTracker
from drumtok.network.plan_reader import PREFIX as OF_READER
from drumtok.network.plan_reader import SHAPES, PlanReader
from drumtok.sampling.plan_filter import KeepPlan
from drumtok.tokenizer.bar_plan import COLUMN, plans_of
from drumtok.tokenizer.labels import EMBEDDED_COLUMNS, NO_LABELS
from drumtok.tokenizer.tokens import hits_to_ids
from drumtok.training.bar_clock import ClockModel, planned_songs
from drumtok.training.model import DrumLSTM
from drumtok.training.plan_reader import ReaderModel, bar_inputs
from drumtok.training.planning import PlanConfig, with_plans

CONFIG = ModelConfig(hidden=12, layers=2, width=8, styles=("funk", "rock"))


def random_bars(bars: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((bars, 16, 9)) < 0.15


def network() -> Checkpoint:
    torch.manual_seed(0)
    return Checkpoint(CONFIG, {name: own.numpy() for name, own in DrumLSTM(CONFIG).state_dict().items()})


def test_the_stepped_clock_is_the_clock_of_the_whole_piece() -> None:
    torch.manual_seed(1)
    model = ClockModel(CONFIG).eval()
    weights = {OF_CLOCK + name: own.numpy() for name, own in model.state_dict().items()}
    assert {name.removeprefix(OF_CLOCK): own.shape for name, own in weights.items()} == clock_shapes(CONFIG)
    clock = BarClock.of(weights, CONFIG)
    assert clock is not None
    bars = random_bars(9)
    plans, pictures = plans_of(bars, 4), picture_of(bars)
    label = np.array([NO_LABELS._replace(style=2)])
    with torch.no_grad():
        whole = model(
            torch.from_numpy(plans)[None],
            torch.from_numpy(pictures)[None],
            torch.from_numpy(label[:, EMBEDDED_COLUMNS]),
        )
    state = clock.start()
    for n in range(len(bars)):
        clock.tick(state, plans[n - 1 : n] if n else None, pictures[n - 1 : n] if n else None, label)
        for field in (COLUMN["hits"], COLUMN["kick"], COLUMN["cymbals"]):
            likely = whole[field][0, n, 1:].softmax(0).numpy()
            assert clock.likely(state, field, plans[n : n + 1])[0, 1:] == pytest.approx(likely, abs=1e-5)


def test_the_reader_of_numpy_is_the_reader_of_torch() -> None:
    torch.manual_seed(1)
    model = ReaderModel()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    weights = {OF_READER + name.removeprefix("layers."): own.detach().numpy() for name, own in model.named_parameters()}
    assert {name.removeprefix(OF_READER): own.shape for name, own in weights.items()} == SHAPES
    reader = PlanReader.of(weights)
    assert reader is not None
    bars = random_bars(2)
    plan, words = plans_of(bars, 4)[1], hits_to_ids(bars.reshape(-1, 9)).reshape(2, 16).astype(np.int64)
    x = bar_inputs(bars[1:], bars[:1], plan[None], 4)
    nothing = torch.zeros(1, 16, 512)
    with torch.no_grad():
        whole = model(x, torch.from_numpy(words[:1]), nothing)[0].numpy()  # (16, 512)
    tracker, rule = BarTracker(1, (1,)), KeepPlan(reader, 16, 4, plan, bars[0])
    for step in range(16):
        added = rule.apply(np.zeros((1, 513)), tracker)[0, :512]
        assert added - np.log(np.exp(added).sum()) == pytest.approx(whole[step], abs=1e-4)
        tracker.push(words[1, step : step + 1])


def test_plans_add_weights_and_leave_the_others_as_they_are(corpus) -> None:
    lines: list[str] = []
    made = with_plans(network(), open_corpus(corpus), PlanConfig(epochs=1, reader_steps=2), lines.append)
    assert made.bar_clock is not None
    assert made.plan_reader is not None
    for name, own in network().weights.items():
        assert (made.weights[name] == own).all()
    assert len(lines) == 2
    assert "bits for the plan of a bar" in lines[0]
    again = with_plans(made, open_corpus(corpus), PlanConfig(epochs=1, reader_steps=2), lines.append)
    # the same seed gives the same weights
    assert all((again.weights[name] == own).all() for name, own in made.weights.items())


def test_a_corpus_of_another_grid_is_refused(corpus) -> None:
    finer = Checkpoint(CONFIG, network().weights, grid=8)
    with pytest.raises(DrumtokError, match="the corpus must be of grid 8, that of the network, got 4"):
        with_plans(finer, open_corpus(corpus))


def run(*options: object) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, options)])


@pytest.mark.slow  # trains twice
def test_train_command_makes_a_network_with_plans(corpus: Path, tmp_path: Path) -> None:
    first, planned = tmp_path / "first", tmp_path / "planned"
    result = run("--corpus", corpus, "-o", first, "--steps", 1, *SMALL)
    assert result.exit_code == 0, result.output
    best = first / "best.safetensors"
    plan = ["--task", "plan", "--corpus", corpus, "-o", planned, "--epochs", 1]
    result = run(*plan, "--init", best)
    assert result.exit_code == 0, result.output
    assert load_checkpoint(planned / "best.safetensors").bar_clock is not None
    assert load_checkpoint(best).bar_clock is None
    for options, message in (
        ([], "--task plan requires --init"),
        (["--init", best], "it exists"),
        (["--init", best, "--hidden", 5], "--hidden cannot be combined with --task plan"),
        (["--init", best, "--resume", first], "--resume cannot be combined with --task plan"),
    ):
        result = run(*plan, *options)
        assert result.exit_code == 2
        assert message in result.output


def test_songs_of_one_bar_have_no_plan() -> None:
    split = songs_of(0, 6, longest=10)
    assert all(len(song.bars) >= 2 for song in planned_songs(split, 4))
