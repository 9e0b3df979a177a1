import os
import subprocess
import sys

from hf_lambda.quality.leftovers import descendants, still_alive

_CHILD_AND_GRANDCHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"


def test_processes_below_this_one_are_seen_until_they_end() -> None:
    """A child and a grandchild are found, with their command lines, and are gone once they ended."""
    with subprocess.Popen([sys.executable, "-c", _CHILD_AND_GRANDCHILD], stdin=subprocess.PIPE) as process:
        while not (below := descendants(process.pid)):
            assert process.poll() is None
        found = {
            identity: command for identity, command in descendants().items() if identity.pid == process.pid
        } | below
        assert len(found) == 2
        assert all("input()" in command for command in found.values())
        assert set(still_alive(found, settle_seconds=0)) == set(found)
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
    assert still_alive(found) == []


def test_process_that_waits_to_be_reaped_has_ended() -> None:
    """A zombie holds nothing but its number."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    found = {identity: command for identity, command in descendants().items() if identity.pid == process.pid}
    process.kill()
    assert len(found) == 1
    assert still_alive(found) == []
    os.waitpid(process.pid, 0)
    assert process.stdin is not None
    process.stdin.close()
    process.returncode = 0
