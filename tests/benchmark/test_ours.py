import json

from bench.ours import part_seconds, render_summary

SUMMARY = {
    "Output": "out.mp4",
    "Plan": {"DurationMs": 900, "Timings": {"Launch": 300}},
    "Chunks": [{"Timings": {"Launch": 250, "Capture": 4000}}, {"Timings": {"Capture": 1000}}],
    "Assembled": {"DurationMs": 70},
}


def test_summary_is_found_behind_the_progress() -> None:
    """What a render says on its way is no part of its summary, braces or not."""
    log = f"planning\nwarning: a rule\n{{\n is not closed\n{json.dumps(SUMMARY, indent=2)}\n"
    assert render_summary(log) == SUMMARY


def test_parts_of_chunks_are_added_up() -> None:
    """The plan and the assembly count as a whole, the chunks by their parts."""
    assert part_seconds(SUMMARY) == {"Plan": 0.9, "Launch": 0.25, "Capture": 5.0, "Assemble": 0.07}
