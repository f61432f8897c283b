"""Pattern to words and ids and back, text files, labels, velocity and microtiming as expression."""
