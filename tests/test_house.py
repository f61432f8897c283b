"""The shape of the house: imports go one way, the small install stays small, data folders hold data."""

import ast
import configparser
import inspect
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import drumtok
from drumtok.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "drumtok"

# A module imports from those before it, never from one after it.
FLOORS = (
    ("version", "errors"),
    (
        "drums",
        "notation",
        "roles",
        "pattern",
        "tokens",
        "touch",
        "touchbins",
        "performance",
        "recall",
        "labels",
        "context",
        "text",
    ),
    ("settings", "files", "remote", "chunks", "events", "walk", "smf", "fastread", "selection", "quantise"),
    ("raw_midi", "outmaps", "midi_tracks", "midi", "one_drum", "standardise", "render"),
    ("soundfont", "kits", "oneshots", "audio", "formats", "play", "output"),
    ("options", "config", "sampling_config", "choosing_config", "packing_config", "provenance"),
    ("inputs", "items", "manifests", "fetch", "sourcefiles", "sources"),
    ("bulkread", "bulk", "encode", "attempts", "batch", "engines", "tasks", "resume", "batchencode", "decode"),
    ("augment", "fills", "parts", "pools", "recipes", "recombine", "loops"),
    ("barsums", "duplicates", "clusters", "overlap", "families", "leaks"),
    ("shards", "sides", "gather", "proof", "partition", "build"),
    ("corpus", "overview", "songparts"),
    (
        "checkpoint",
        "groove_file",
        "products",
        "threads",
        "engine",
        "levels",
        "groove_engine",
        "guidance",
        "rules",
        "steering",
        "sampling",
    ),
    (
        "primers",
        "constraints",
        "settled",
        "particles",
        "seam",
        "form",
        "composing",
        "generation",
        "likelihood",
        "variation",
        "morphing",
        "curating",
    ),
    ("feel", "humanising", "retouch", "archives"),
    ("intervals", "evaluation", "features", "distribution", "novelty", "choosing"),
    ("realism", "styles", "listening", "courses", "rolls", "measures", "report", "plots", "page"),
    ("touch_features", "groove_baselines", "groove_measures", "groove_report"),
    (
        "model",
        "groove_model",
        "mixture",
        "schedule",
        "lanes",
        "windows",
        "songbatches",
        "groove_windows",
        "losses",
        "epochs",
        "runfolders",
        "runs",
        "curves",
    ),
    ("training", "callbacks", "groove_training", "trainer"),
    ("web", "web.limits", "web.wire", "web.schemas", "web.steps", "web.desk", "web.writing", "web.atlas", "web.sounds"),
    ("web.ahead", "web.origin", "web.studio", "web.reading", "web.guard", "web.answers", "web.api", "web.server"),
    (
        "commands",
        "commands.like",
        "commands.delivery",
        "commands.progress",
        "commands.augment",
        "commands.check",
        "commands.info",
    ),
    ("commands.corpus",),
    (
        "commands.curate",
        "commands.encode",
        "commands.evaluate",
        "commands.humanise",
        "commands.render",
        "commands.sample",
        "commands.standardise",
    ),
    ("commands.serve", "commands.train", "commands.vary"),
    ("cli",),
)
ORDER = [name for floor in FLOORS for name in floor]
# What runs against the order, inside a function, and why.
BACK = {("pattern", "midi")}  # Pattern.to_pretty_midi is asked for as a method

TORCH = {"model", "groove_model", "groove_training", "windows", "losses", "runs", "training", "callbacks", "trainer"}
LIGHTNING = {"training", "callbacks", "groove_training", "trainer"}
HEAVY = ("torch", "pytorch_lightning", "lightning", "tensorboard", "matplotlib", "sklearn", "scipy")


def module_name(path):
    """`drumtok/web/server.py` -> `web.server`; the package's own `__init__` has the empty name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(path):
    """(imported module, line, whether it is imported when this module is) of every import of a file."""
    found = []

    def visit(node, at_once):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, child.lineno, at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path.name}:{child.lineno} imports relatively"
                names = [f"{child.module}.{alias.name}" for alias in child.names]
                names = [name for name in names if own(name) in MODULES] or [child.module]  # a module, or what is in it
                found.extend((name, child.lineno, at_once) for name in names)
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _for_types(child)
            visit(child, at_once and not inside)

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


def _for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def own(imported):
    """The name in `ORDER` of an import of ours, None for any other."""
    return imported.removeprefix("drumtok.") if imported.startswith("drumtok.") else None


def test_the_order_holds_every_module_once():
    assert len(set(ORDER)) == len(ORDER)
    assert set(ORDER) == set(MODULES) - {""}


def test_the_package_maps_its_modules_in_that_order():
    lines = [line for line in drumtok.__doc__.splitlines() if re.fullmatch(r"\w+(, \w+)*", line)]
    assert [name for line in lines for name in line.split(", ")] == [name for name in ORDER if "." not in name]


@pytest.mark.parametrize("name", ORDER)
def test_imports_go_one_way(name):
    before = ORDER[: ORDER.index(name)]
    for imported, line, at_once in imports_of(MODULES[name]):
        assert imported != "drumtok", f"drumtok/{name}.py:{line} imports from the package, which comes after all"
        other = own(imported)
        if other is not None and other not in before:
            assert (name, other) in BACK, f"drumtok/{name}.py:{line} imports {other}, which comes after it"
            assert not at_once, f"drumtok/{name}.py:{line} imports {other} when it is imported itself"


def test_what_runs_against_the_order_is_still_there():
    found = {(name, own(i)) for name, path in MODULES.items() for i, _, _ in imports_of(path) if own(i)}
    assert found >= BACK


def test_torch_and_lightning_are_imported_by_few():
    for name, path in MODULES.items():
        tops = {imported.partition(".")[0] for imported, _, at_once in imports_of(path) if at_once}
        assert name in TORCH or "torch" not in tops, f"{name} imports torch"
        assert name in LIGHTNING or not tops & {"pytorch_lightning", "lightning"}, f"{name} imports Lightning"


def test_no_module_that_generation_needs_reaches_torch():
    """Followed by hand, so that it is told which module does it."""
    commands = [f"commands.{module}" for module, _ in COMMANDS.values()]
    needed, todo = set(), ["", "page", "cli", *drumtok._MODULES.values(), *commands]
    while todo:
        name = todo.pop()
        needed.add(name)
        reached = [own(i) for i, _, at_once in imports_of(MODULES[name]) if at_once]
        todo += [other for other in reached if other and other not in needed]
    assert not needed & TORCH


@pytest.mark.parametrize("line", ["from drumtok import *", "import drumtok.page", "import drumtok.commands.sample"])
def test_importing_does_not_import_torch(line):
    code = f"{line}; import sys; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert done.stderr == ""


def test_the_package_gives_what_it_says_and_imports_it_when_asked():
    tree = ast.walk(ast.parse(inspect.getsource(drumtok)))
    told = {(alias.name, own(node.module)) for node in tree if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert {(name, module) for name, module in told if module not in (None, "version")} == set(drumtok._MODULES.items())
    assert {*drumtok._MODULES, "__version__"} == set(drumtok.__all__)
    for name in drumtok.__all__:
        assert getattr(drumtok, name) is not None
        assert name not in MODULES, f"the module drumtok.{name} takes the place of what has its name"
    assert set(dir(drumtok)) >= set(drumtok.__all__)
    with pytest.raises(AttributeError, match="module 'drumtok' has no attribute 'nothing'"):
        drumtok.nothing  # noqa: B018
    code = "import sys, drumtok; print(*sorted(n for n in sys.modules if n.startswith('drumtok') or n == 'numpy'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["drumtok", "drumtok.version"]


def test_the_command_line_has_every_command_and_imports_the_one_that_is_asked_for():
    with click.Context(main) as context:
        assert main.list_commands(context) == sorted(COMMANDS)
        for name in COMMANDS:
            assert main.get_command(context, name).name == name
        assert main.get_command(context, "nothing") is None
    code = "import sys; from drumtok.cli import main; main(['serve', '--help'], standalone_mode=False)"
    code += "; print('drumtok.commands.sample' in sys.modules, 'drumtok.commands.serve' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-2:] == ["False", "True"]


def dependencies():
    """The names that the requirements of setup.cfg are imported by, as far as they are the packages' own names."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines]
    return {name.group().lower().replace("-", "_") for name in names if name}


def test_every_extra_that_a_message_names_is_there():
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    named = {extra for path in MODULES.values() for extra in re.findall(r"drumtok\[(\w+)\]", path.read_text("utf-8"))}
    assert named >= {"train", "evaluate", "picture", "play"}
    assert named <= set(config["options.extras_require"])


def test_no_module_is_named_like_another():
    names = {part for name in MODULES for part in name.split(".") if part}
    assert not names & set(sys.stdlib_module_names)
    assert {"mido", "torch", "pytest_timeout"} <= dependencies()
    assert not names & dependencies()


@pytest.mark.parametrize("folder", ["datasets", "augment", "checkpoints"])
def test_data_folders_hold_no_code(folder):
    assert not list((ROOT / folder).rglob("*.py"))


def test_every_module_says_what_it_is():
    for path in MODULES.values():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} has no docstring"
