"""Runs the built zip and the real state machine on this machine: real runtime emulators, no Docker, no AWS."""
