"""A pattern as sound and as a picture; kits."""
