"""Reads the author's files, before compiling changes them, for what will not render as the author thinks."""
