"""Networks for the tests of sampling."""

from dataclasses import replace

import pytest

from drumtok.network.engine import Engine
from drumtok.tokenizer.labels import KINDS


@pytest.fixture(scope="session")
def network(small_checkpoint):
    """A network that has a label for fills."""
    return replace(small_checkpoint, kinds=KINDS)


@pytest.fixture(scope="session")
def engine(network):
    return Engine(network)
