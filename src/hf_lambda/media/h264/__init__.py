"""H.264's own syntax (ITU-T H.264), as much of it as it takes to add frames to what x264 wrote."""
