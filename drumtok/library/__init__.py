"""Search in libraries of drum patterns: an index of anyone's files, and the grooves that are nearest by rhythm."""
