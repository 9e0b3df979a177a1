"""A small real server in the place of AWS's runtime interface emulator."""

import sys
from pathlib import Path

from hf_lambda.emulator.sandbox import Sandbox
from hf_lambda.emulator.worker import FunctionSpec, Worker
from tests.unit.doubles import write_program

_SERVER = """
import http.server, json, os, subprocess, sys, threading, time

started = []

class Runtime(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        payload = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "child" in payload:  # leaves its session, as browsers do
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", os.environ["TMPDIR"]],
                             start_new_session=True)
        if "runtime" in payload:  # leads a group of its own, and one thread of many started it, as that of the function
            sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
            starting = threading.Thread(target=lambda: started.append(subprocess.Popen(sleep, start_new_session=True)))
            starting.start()
            while not started:
                time.sleep(0.01)
            payload["pid"] = started[-1].pid
        time.sleep(payload.get("wait", 0))
        kind = payload.get("answer")
        if kind == "exit":
            os._exit(1)
        if kind == "environment":
            body = json.dumps({"argv": sys.argv[1:], "env": dict(os.environ)}).encode()
        else:
            body = payload["text"].encode() if "text" in payload else json.dumps(payload).encode()
        self.send_response(payload.get("status", 200))
        self.send_header("content-length", str(len(body) + (10 if kind == "cut" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

host, port = sys.argv[sys.argv.index("--runtime-interface-emulator-address") + 1].split(":")
print("listening", flush=True)
http.server.HTTPServer((host, int(port)), Runtime).serve_forever()
"""


def start_worker(folder: Path, *, program: str | None = None, timeout_seconds: int = 30) -> Worker:
    """A worker around the server, or around another shell script."""
    folder.mkdir(exist_ok=True)
    server = folder / "server.py"
    server.write_text(_SERVER)
    emulator = write_program(folder / "rie", program or f'exec {sys.executable} -S -E {server} "$@"')
    sandbox = Sandbox(("env", f"TMPDIR={folder}"), str(folder), str(folder), "a plain process", folder)
    function = FunctionSpec({"FROM_TEMPLATE": "1"}, 2048, timeout_seconds)
    return Worker(emulator, Path(sys.executable), sandbox, function, folder / "log")
