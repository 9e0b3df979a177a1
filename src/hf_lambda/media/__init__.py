"""Everything that ffmpeg and ffprobe do: encode segments, join them, mux, look into files."""
