"""Fork jobs from a process that has large libraries loaded: python server.py FOLDER LISTENER

The first job that wants them has them loaded; nothing is computed before the fork, so that each
job starts its own threads and draws its own numbers. It ends, and its jobs, when its input ends.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import types

DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
STOP = {signal.SIGTSTP: signal.SIGSTOP}  # in a session without a terminal, the former does nothing


class Server:
    """Watch who asks for jobs, and the jobs.

    Parameters
    ----------
    folder : path
        Removed at the end.
    listener : int
        The number of a socket that listens.
    """

    def __init__(self, folder, listener):
        self.folder, self.pid = folder, os.getpid()
        self.listener = socket.socket(fileno=listener)
        self.selector = selectors.DefaultSelector()
        self.selector.register(0, selectors.EVENT_READ, self.end)
        self.selector.register(self.listener, selectors.EVENT_READ, self.fork)

    def job(self):
        """Serve until the input ends; only a forked process returns, with what it is asked for."""
        while True:
            [(key, _), *_] = self.selector.select()  # one: it may close what has had another
            if asked := key.data():
                return asked

    def end(self):
        """End: the kernel kills the jobs."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)

    def fork(self):
        """Fork a job for who asks."""
        connection, _ = self.listener.accept()
        asked, files = _read(connection)
        if asked is None:  # killed meanwhile
            connection.close()
            return None
        _load(asked["libraries"])
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
            if os.getppid() != self.pid:
                os._exit(1)
            self._forget()
            connection.close()
            _take_place(asked, files)
            return asked["command"]
        os.setpgid(pid, pid)
        for file in files:
            os.close(file)
        ended = os.pidfd_open(pid)
        self.selector.register(
            connection, selectors.EVENT_READ, lambda: self.pass_on(pid, connection)
        )
        self.selector.register(
            ended, selectors.EVENT_READ, lambda: self.tell(pid, ended, connection)
        )
        return None

    def pass_on(self, pid, connection):
        """Pass signals on to a job; kill it if who asked is gone."""
        numbers = connection.recv(64)
        for number in numbers or [signal.SIGKILL]:
            os.killpg(pid, STOP.get(number, number))
        if not numbers:
            self.selector.unregister(connection)

    def tell(self, pid, ended, connection):
        """Tell how a job has ended: its status, or a signal as a negative number."""
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.selector.unregister(ended)
        os.close(ended)
        if connection in self.selector.get_map():
            self.selector.unregister(connection)
        with contextlib.suppress(OSError):  # it is gone
            connection.send(str(status).encode())
        connection.close()

    def _forget(self):
        """Close what is the server's alone, in a job."""
        for key in [*self.selector.get_map().values()]:
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            elif key.fd != 0:
                os.close(key.fd)
        self.selector.close()


def _read(connection):
    """Read what is asked for, and the three files that came with it."""
    message, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while not message.endswith(b"\n"):
        if not (more := connection.recv(1 << 20)):
            return None, files
        message += more
    return json.loads(message), files


def _load(libraries):
    """Load what jobs import; what cannot be imported they report themselves."""
    missing = [library for library in libraries if library not in sys.modules]
    if missing:
        gc.disable()
        for library in missing:
            with contextlib.suppress(Exception):
                importlib.import_module(library)
        gc.freeze()  # jobs do not look through it for garbage, and share its memory
        gc.enable()


def _take_place(asked, files):
    """Become a process as who asked would have started it."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["folder"])
    os.umask(asked["umask"])
    os.environ.clear()
    os.environ.update(asked["environ"])


def _run(program):
    """Run a program as `python program` does, and end; nothing is taken apart at the end.

    Returns
    -------
    int
        Its exit status.
    """
    sys.path.insert(0, os.path.dirname(os.path.realpath(program)))
    sys.modules["__main__"] = main = types.ModuleType("__main__")
    main.__file__ = os.path.abspath(program)
    try:
        with open(program, "rb") as file:
            code = compile(file.read(), main.__file__, "exec")
        exec(code, main.__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:
        error = error.with_traceback(error.__traceback__.tb_next)  # without this file's line
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        return 1
    return 0


if __name__ == "__main__":
    del sys.path[0]
    own = sys.modules["__main__"]  # kept: a program takes its place
    program, *_ = sys.argv = Server(sys.argv[1], int(sys.argv[2])).job()
    status = _run(program)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status & 0xFF)
