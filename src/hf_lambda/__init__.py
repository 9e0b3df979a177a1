"""Render HyperFrames compositions to video, in AWS Lambda or on one machine."""

__version__ = "0.1.0"
