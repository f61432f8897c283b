"""Servers for other programs: a Model Context Protocol server and Open Sound Control."""
