"""Chromium: unpack, launch, speak DevTools over a pipe, make the page ready, and take its frames."""
