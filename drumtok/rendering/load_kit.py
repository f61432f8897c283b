"""Find a kit by its name: of the SoundFont, of the sound model by a seed, or a folder of WAV files."""

from drumtok.rendering.kit import Kit
from drumtok.rendering.kits import FORMER_NAMES, KIT_NAMES, check_kit_name


def load_kit(name: str) -> Kit:
    """Return the kit of a name, as `--kit` takes it.

    Raises:
        DrumtokError: there is no such kit, or it cannot be read.
    """
    check_kit_name(name)
    if name in KIT_NAMES or name in FORMER_NAMES:
        from drumtok.rendering.one_shots import font_kit

        return font_kit(name)
    from drumtok.rendering.folder_kit import read_kit

    return read_kit(name)
