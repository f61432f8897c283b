"""The structure of the repository: imports go one way, the small install stays small, data folders hold no code."""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import drumtok
from drumtok.cli.main import COMMANDS, main

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "drumtok"

# A package imports from itself and from those in the rows above, never from one in a row below.
ROOMS = (
    ("version", "errors", "drums", "notation", "grids"),
    ("runtime",),
    ("pattern", "sound"),
    ("midi",),
    ("exchange",),
    ("tokenizer", "rendering"),
    ("dataset", "network"),
    ("sampling",),
    ("evaluation",),
    ("generation", "library"),
    ("training",),
    ("web", "connect"),
    ("cli",),
)
RANK = {room: rank for rank, row in enumerate(ROOMS) for room in row}
# Imports against the order, inside functions: the conversions that a notebook expects as methods of `Pattern`.
BACK = {
    ("drumtok.pattern.conversions", f"drumtok.{module}")
    for module in ("midi.convert", "midi.files", "midi.port", "pattern", "rendering.audio", "rendering.notebook")
}
TORCH_ROOM = "training"
HEAVY = ("torch", "pytorch_lightning", "lightning", "tensorboard", "matplotlib", "sklearn", "scipy")


def module_name(path):
    """Return the name of a module: `drumtok/web/app.py` -> `drumtok.web.app`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def room_of(module):
    """Return the part of `drumtok` that a module belongs to: `drumtok.web.app` -> `web`; None outside of it."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "drumtok" and rest else None


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(path):
    """Return (imported module, line, whether the import runs when the file is imported) of each import in a file."""
    found = []

    def visit(node, at_once):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, child.lineno, at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path.name}:{child.lineno} imports relatively"
                names = [f"{child.module}.{alias.name}" for alias in child.names]
                # the module itself, or the one that defines the name
                names = [name if name in MODULES else child.module for name in names]
                found.extend((name, child.lineno, at_once) for name in names)
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _for_types(child)
            visit(child, at_once and not inside)

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


def _for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def test_every_module_lies_in_a_room():
    assert {room_of(name) for name in MODULES} - {None} == set(RANK)
    assert len(list(PACKAGE.glob("*.py"))) <= 7  # six modules and __init__


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"drumtok"}))
def test_imports_go_one_way(name):
    for imported, line, at_once in imports_of(MODULES[name]):
        assert imported != "drumtok", f"{name}:{line} imports from the package, which comes after all"
        room, other = room_of(name), room_of(imported)
        if other is not None and room != other and RANK[other] >= RANK[room] > 0:
            assert (name, imported) in BACK, f"{name}:{line} imports {imported}, which comes after it"
            assert not at_once, f"{name}:{line} imports {imported} when it is imported itself"


def test_what_runs_against_the_order_is_still_there():
    assert {(name, imported) for name, path in MODULES.items() for imported, _, _ in imports_of(path)} >= BACK


def test_no_modules_import_each_other():
    graph = {
        name: {i for i, _, _ in imports_of(path) if i in MODULES and (name, i) not in BACK}
        for name, path in MODULES.items()
    }
    while free := [name for name, needs in graph.items() if not needs & set(graph)]:
        for name in free:
            del graph[name]
    assert not graph, f"these import each other in a circle: {', '.join(graph)}"


def test_torch_and_lightning_are_imported_in_one_room():
    for name, path in MODULES.items():
        tops = {imported.partition(".")[0] for imported, _, at_once in imports_of(path) if at_once}
        assert room_of(name) == TORCH_ROOM or not tops & {"torch", "pytorch_lightning", "lightning"}, name


@pytest.mark.parametrize(
    "line", ["from drumtok import *", "import drumtok.evaluation.html_report", "import drumtok.cli.sample"]
)
def test_importing_does_not_import_torch(line):
    code = f"{line}; import sys; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert done.stderr == ""


def test_the_package_gives_what_it_lists_and_imports_it_when_asked():
    for name in drumtok.__all__:
        assert getattr(drumtok, name) is not None
        assert f"drumtok.{name}" not in MODULES, f"the module drumtok.{name} takes the place of what has its name"
    assert set(dir(drumtok)) >= set(drumtok.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        drumtok.nothing  # noqa: B018
    code = "import sys, drumtok; print(*sorted(n for n in sys.modules if n.startswith('drumtok') or n == 'numpy'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["drumtok", "drumtok.version"]


def test_the_command_line_has_every_command_and_imports_the_one_that_is_requested():
    with click.Context(main) as context:
        assert main.list_commands(context) == list(COMMANDS)
        for name in COMMANDS:
            assert main.get_command(context, name).name == name
        assert main.get_command(context, "nothing") is None
    code = "import sys; from drumtok.cli.main import main; main(['serve', '--help'], standalone_mode=False)"
    code += "; print('drumtok.cli.sample' in sys.modules, 'drumtok.cli.serve' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-2:] == ["False", "True"]


def dependencies():
    """Return the requirements of setup.cfg as module names, where a package is imported by its own name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines]
    return {name.group().lower().replace("-", "_") for name in names if name}


def test_every_extra_that_a_message_names_is_there():
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    hint = re.compile(r"install_command\(['\"](\w+)")
    named = {extra for path in MODULES.values() for extra in hint.findall(path.read_text(encoding="utf-8"))}
    assert named >= {"train", "evaluate", "picture", "play"}
    assert named <= set(config["options.extras_require"])


def test_no_module_is_named_like_another():
    names = {part for name in MODULES for part in name.split(".")} - {"drumtok"}
    assert not names & set(sys.stdlib_module_names)
    assert {"mido", "torch", "pytest_timeout"} <= dependencies()
    assert not names & dependencies()


@pytest.mark.parametrize("folder", ["datasets", "augment", "checkpoints", "kits", "note_maps"])
def test_data_folders_hold_no_code(folder):
    assert not list((ROOT / folder).rglob("*.py"))


def test_every_module_has_a_docstring():
    for path in MODULES.values():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} has no docstring"


@pytest.mark.parametrize("folder", ["tests", "benchmarks"])
def test_folders_of_tests_and_benchmarks_are_named_like_rooms(folder):
    rooms = {room for row in ROOMS for room in row} | {"docs", "scripts", "__pycache__"}
    folders = {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= rooms, f"no room is named {', '.join(sorted(folders - rooms))}"


def test_tests_import_from_helpers_and_not_from_each_other():
    for path in (ROOT / "tests").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) test_", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_no_code_waits_to_be_written():
    for folder in ("drumtok", "tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"\b(TO" + r"DO|FIX" + r"ME)\b", path.read_text(encoding="utf-8")), path
