"""One-shots made by a model: classes of sounds, synthesis in NumPy, and the search for similar sounds."""
