"""One-shots made by a model: classes of sounds, their synthesis in NumPy, and what finds a sound like a given one."""
