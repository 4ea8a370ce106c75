"""A Python that has the large libraries loaded: the jobs of a workflow are forked off it.

A job of the tests computes for a second and imports torch and timm for four. `environment` makes
the shell of Snakemake's jobs ask this Python, instead of starting one. What a job imports of
Needle, it still imports itself.
"""

import atexit
import gc
import json
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path

KILLED = 137


@cache
def environment():
    """Start the server, once, and give the variables by which bash finds it: on Linux only.

    Elsewhere a forked process may not use the libraries that were loaded before.
    """
    if sys.platform != "linux":
        return {}
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    command = [sys.executable, __file__, "serve", folder.name]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(folder.cleanup)
    atexit.register(server.communicate)  # its input ends, and so does it
    assert server.stdout.readline() == b"ready\n"
    client = shlex.join([sys.executable, "-I", "-S", __file__, "ask", folder.name])
    (Path(folder.name) / "bashrc").write_text(f'python() {{ {client} "$@"; }}\n')
    return {"BASH_ENV": f"{folder.name}/bashrc"}


def serve(folder):
    """Fork a process for each program that is asked for, until the input ends."""
    gc.disable()
    import seaborn  # noqa: F401
    import timm  # noqa: F401

    gc.freeze()
    gc.enable()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/socket")
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who asked hears from the process itself
    print("ready", flush=True)
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _work(connection)
        connection.close()
    os._exit(0)  # some of these libraries have much to say at the end


def _work(connection):
    """Run the program that is asked for in the place of who asked, and tell its exit status."""
    message, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while not message.endswith(b"\n"):
        message += connection.recv(1 << 20)
    asked = json.loads(message)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    program, *_ = sys.argv = asked["command"]
    sys.path[0] = os.path.dirname(program)
    status = 0
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        status = 1 if isinstance(end.code, str) else end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(bytes([status]))
    os._exit(status)


def ask(folder, *command):
    """Have a program run with this process's files, folder and environment; its exit status."""
    asked = {"command": command, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(f"{folder}/socket")
        message = json.dumps(asked).encode() + b"\n"
        sent = socket.send_fds(connection, [message], [0, 1, 2])
        connection.sendall(message[sent:])
        return (connection.recv(1) or bytes([KILLED]))[0]


if __name__ == "__main__":
    sys.exit({"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:]))
