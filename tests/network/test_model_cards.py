"""The model cards have the metadata header of the Hugging Face hub."""

from pathlib import Path

import pytest
import yaml

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
REQUIRED = {"license", "library_name", "tags", "datasets", "metrics", "model-index"}


def test_every_checkpoint_has_a_card():
    assert {path.stem for path in CHECKPOINTS.glob("*.md")} == {path.stem for path in CHECKPOINTS.glob("*.safetensors")}


@pytest.mark.parametrize("path", sorted(CHECKPOINTS.glob("*.md")), ids=lambda path: path.stem)
def test_the_header_has_the_required_keys_and_metrics(path):
    empty, header, text = path.read_text(encoding="utf-8").split("---\n", 2)
    metadata = yaml.safe_load(header)
    assert empty == ""
    assert metadata.keys() >= REQUIRED
    assert (metadata["license"], metadata["library_name"]) == ("apache-2.0", "drumtok")
    for result in (result for model in metadata["model-index"] for result in model["results"]):
        assert result["task"]["type"]
        assert {"type", "name"} <= result["dataset"].keys()
        assert result["metrics"]
        for metric in result["metrics"]:
            expected = f"{100 * metric['value']:.1f} %" if metric["type"] == "accuracy" else f"{metric['value']:g}"
            assert expected in text, metric["name"]
