"""Stand for a job that is forked elsewhere: python client.py FOLDER LIBRARIES PROGRAM [ARG ...]

LIBRARIES, with commas between, are to be loaded before the fork. This process ends as the job does,
or with 128 + the signal that killed the job. Signals are passed on to the job; if this process is
killed, so is the job.
"""

import json
import os
import signal
import socket
import sys

LOST = 137  # as of a job that was killed
PASSED_ON = (
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGCONT,
)  # fmt: skip


def main(folder, libraries, *command):
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(f"/proc/self/fd/{os.open(folder, os.O_PATH)}/socket")
    except OSError as error:
        print(
            f"{folder}: nothing to fork from ({error.strerror}); starting Python", file=sys.stderr
        )
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *command])
    asked = {
        "libraries": libraries.split(",") if libraries else [],
        "command": command,
        "folder": os.getcwd(),
        "umask": os.umask(0),
        "environ": {**os.environ},
    }
    message = json.dumps(asked).encode() + b"\n"
    sent = socket.send_fds(connection, [message], [0, 1, 2])
    connection.sendall(message[sent:])
    for number in PASSED_ON:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _: pass_on(connection, number))
    status = connection.recv(8)
    if not status:
        print("error: the process that jobs are forked from was killed; run again", file=sys.stderr)
        return LOST
    return int(status) if int(status) >= 0 else 128 - int(status)


def pass_on(connection, number):
    """Tell the job of a signal; stop with it when it is stopped."""
    connection.send(bytes([number]))
    if number == signal.SIGTSTP:
        os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
