"""Proves a deployment: renders through it, compares with a render in this process, and leaves nothing behind."""
