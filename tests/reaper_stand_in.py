"""A stand-in for the REAPER functions that the script uses: one project, one item with one take."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from drumtok.cli.main import main

PPQ = 960


@dataclass
class Reaper:
    """A project at one tempo and meter.

    Attributes:
        folder: the project's folder.
        answers: what the user enters in the fields of the dialog; None cancels it.
        notes: (start, stop, pitch, velocity, muted) in quarter notes from the project's start; None for no item.
        position, length: of the item in seconds.
        calls: the changes made to the project.
        commands: the command lines that were run.
        checkpoint: the network that commands use.
    """

    folder: Path
    answers: str | None
    notes: list | None = None
    position: float = 0.0
    length: float = 4.0
    tempo: float = 120.0
    meter: tuple = (4, 4)
    is_midi: bool = True
    calls: list = field(default_factory=list)
    commands: list = field(default_factory=list)
    remembered: dict = field(default_factory=dict)
    checkpoint: Path | None = None
    is_installed: bool = True

    def run(self, lua, script):
        """Run the script like REAPER, with its functions in the global `reaper`."""
        names = [name for name in dir(self) if name[:1].isupper()]
        lua.globals().reaper = lua.table_from({name: getattr(self, name) for name in names})
        lua.execute(script)

    def GetUserInputs(self, title, count, labels, values):
        self.calls.append(("ask", values))
        return (True, self.answers) if self.answers is not None else (False, "")

    def GetExtState(self, section, key):
        return self.remembered.get((section, key), "")

    def SetExtState(self, section, key, value, persist):
        self.remembered[section, key] = value

    def GetSelectedMediaItem(self, project, index):
        return None if self.notes is None else "item"

    def GetActiveTake(self, item):
        return "take"

    def TakeIsMIDI(self, take):
        return self.is_midi

    def GetMediaItemInfo_Value(self, item, name):
        return {"D_POSITION": self.position, "D_LENGTH": self.length}[name]

    def GetCursorPosition(self):
        return 0.0

    def TimeMap_GetTimeSigAtTime(self, project, time):
        return (*self.meter, self.tempo)

    def TimeMap2_timeToQN(self, project, time):
        return time * self.tempo / 60

    def MIDI_CountEvts(self, take):
        return (True, len(self.notes), 0, 0)

    def MIDI_GetNote(self, take, index):
        start, stop, pitch, velocity, muted = self.notes[index]
        return (True, False, muted, start * PPQ, stop * PPQ, 9, pitch, velocity)

    def MIDI_GetProjQNFromPPQPos(self, take, ppq):
        return ppq / PPQ

    def GetProjectPath(self, name):
        return str(self.folder)

    def ExecProcess(self, line, milliseconds):
        self.commands.append(line)
        words = shlex.split(line)
        if not self.is_installed:
            return None
        network = ["--checkpoint", str(self.checkpoint)] if self.checkpoint and words[1] in ("sample", "vary") else []
        result = CliRunner().invoke(main, [*words[1:], *network])
        return f"{result.exit_code}\n{result.output}"

    def SetEditCurPos(self, time, move_view, seek_play):
        self.calls.append(("cursor", time))

    def InsertMedia(self, file, mode):
        self.calls.append(("insert", Path(file).name, mode))

    def Undo_BeginBlock(self):
        self.calls.append(("begin",))

    def Undo_EndBlock(self, text, flags):
        self.calls.append(("end", text))

    def UpdateArrange(self):
        self.calls.append(("update",))

    def MB(self, message, title, kind):
        self.calls.append(("message", message.strip()))
