"""Jobs that are forked from one process, beside the same programs as processes of their own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from needle.machine.warm.start import THREADS, can_fork, start_server, write_python
from workflow import wait_for

pytestmark = pytest.mark.skipif(not can_fork(), reason="jobs are forked on Linux only")

# All that a program can see of how it was started.
LOOK = """
import json, os, resource, signal, sys, tempfile, threading
import beside
print("to stderr", file=sys.stderr)
mask = os.umask(0)
os.umask(mask)
print(json.dumps({
    "argv": sys.argv, "path": sys.path, "file": __file__, "name": __name__, "cwd": os.getcwd(),
    "main": sys.modules["__main__"].LOOKED, "umask": mask,
    "environ": {k: v for k, v in os.environ.items() if k not in ("_", "PWD", "SHLVL")},  # of sh
    "flags": [str(sys.flags), str(sys.stdout.encoding), sys.stdout.line_buffering],
    "signals": {n: str(signal.getsignal(n)) for n in signal.valid_signals()},
    "limits": [resource.getrlimit(n) for n in range(16)], "temporary": tempfile.gettempdir(),
    "threads": [threading.active_count(), len(os.listdir("/proc/self/task"))],
    "files": len(os.listdir("/proc/self/fd")), "blocked": str(signal.pthread_sigmask(0, [])),
    "stdin": sys.stdin.read(),
}))
""".replace("import beside", "import beside\nLOOKED = beside.VALUE")
COMPUTE = """
import numpy, timm, torch
torch.manual_seed(3)
model = timm.create_model("test_resnet", num_classes=3)
print(model(torch.rand(2, 3, 64, 64)).sum().item().hex(), torch.get_num_threads())
print(float(numpy.random.default_rng(1).random((99, 99)).dot(numpy.ones(99)).sum()).hex())
"""


class Forked:
    """A server and the `python` by which it is found."""

    def __init__(self, libraries=(), programs=("compute.py",)):
        self.input, self.folder = start_server()
        python = write_python(self.folder, libraries, programs)
        threads = dict.fromkeys(THREADS, "1")
        self.environ = os.environ | threads | {"PATH": f"{python}:{os.environ['PATH']}"}

    def start(self, *command, **options):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        return subprocess.Popen(["python", *command], env=self.environ, **options)

    def process(self):
        for child in psutil.Process().children():
            if self.folder in (child.as_dict(["cmdline"])["cmdline"] or []):  # None has ended
                return child
        raise LookupError(self.folder)


@pytest.fixture(autouse=True)
def at_a_terminal():
    """Hear the signals that what a shell starts in the background, or with nohup, ignores."""
    heard = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, action) for number, action in heard.items()}
    yield
    for number, action in before.items():
        signal.signal(number, action)


@pytest.fixture
def forked(at_a_terminal):
    server = Forked()
    yield server
    server.input.close()
    wait_for(None, lambda: not os.path.exists(server.folder))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ends(process, given=None):
    """Output, errors, status."""
    output = process.communicate(given, timeout=60)
    return *output, process.returncode


def alone(*command, environ, given=None):
    """The same of a process of its own."""
    process = subprocess.Popen(
        [sys.executable, *command], env=environ, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    return ends(process, given)


def test_a_forked_job_sees_what_it_would_see_alone(forked, folder):
    scripts = folder / "scripts"
    scripts.mkdir()
    (scripts / "beside.py").write_text("VALUE = 7")
    (scripts / "look.py").write_text(LOOK)
    command = ["scripts/look.py", "--text", "a b\n'é$", ""]
    previous = os.umask(0o027)
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        server = Forked()
        found = ends(server.start(*command, stdin=subprocess.PIPE), "read")
        expected = alone(*command, environ=server.environ, given="read")
        server.input.close()
    finally:
        os.umask(previous)
        signal.signal(signal.SIGHUP, ignored)
    assert found[1:] == expected[1:] == ("to stderr\n", 0)
    assert json.loads(found[0]) == json.loads(expected[0])


def test_a_forked_job_computes_the_same_to_the_bit(folder):
    (folder / "compute.py").write_text(COMPUTE)
    server = Forked(["timm"])
    found = [ends(server.start("compute.py")) for _ in range(2)]
    assert len(os.listdir(f"/proc/{server.process().pid}/task")) == 1
    assert found == [alone("compute.py", environ=server.environ)] * 2
    assert found[0][2] == 0
    server.input.close()


@pytest.mark.parametrize(
    "end",
    [
        "raise ValueError('a\\nb')",
        "def deep():\n    raise KeyError(1) from OSError(2, 'x')\ndeep()",
        "import sys; sys.exit('error: no such thing')",
        "import sys; sys.exit(3)",
        "import sys; sys.exit()",
        "raise SystemExit(-1)",
        "this is no python",
        "import does_not_exist",
        "print('whole')",
        "import os; os._exit(9)",
    ],
)
def test_a_forked_job_ends_as_it_would_alone(forked, folder, end):
    (folder / "end.py").write_text(end)
    assert ends(forked.start("end.py")) == alone("end.py", environ=forked.environ)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_of_a_killed_job_the_status_says_so(forked, folder, number):
    (folder / "end.py").write_text(f"import os; os.kill(os.getpid(), {int(number)})")
    assert ends(forked.start("end.py"))[2] == 128 + number


def working(forked, folder):
    """Start a job that works for long; who stands for it, and the job."""
    (folder / "work.py").write_text(
        "import os, time\n"
        "try:\n"
        "    open('pid.new', 'w').write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid')\n"
        "    time.sleep(600)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    client = forked.start("work.py")
    wait_for(client, lambda: Path("pid").exists())
    return client, psutil.Process(int(Path("pid").read_text(encoding="utf-8")))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_job_dies_with_who_stands_for_it(forked, folder, number):
    client, job = working(forked, folder)
    client.send_signal(number)
    job.wait(timeout=60)
    assert client.wait(timeout=60) == (-number if number == signal.SIGKILL else 128 + number)


def test_a_job_hears_of_an_interrupt(forked, folder):
    client, job = working(forked, folder)
    client.send_signal(signal.SIGINT)
    assert ends(client) == ("interrupted\n", "", 0)
    assert not job.is_running()


def test_a_job_stops_and_goes_on_with_who_stands_for_it(forked, folder):
    client, job = working(forked, folder)
    client.send_signal(signal.SIGTSTP)
    both = [psutil.Process(client.pid), job]
    wait_for(client, lambda: all(p.status() == psutil.STATUS_STOPPED for p in both))
    client.send_signal(signal.SIGCONT)
    wait_for(client, lambda: all(p.status() != psutil.STATUS_STOPPED for p in both))


def test_no_job_outlives_a_server_that_is_killed(forked, folder):
    client, job = working(forked, folder)
    forked.process().kill()
    job.wait(timeout=60)
    _, errors, status = ends(client)
    assert status == 137
    assert errors == "error: the process that jobs are forked from was killed; run again\n"
    # Later jobs are processes of their own.
    (folder / "later.py").write_text("print('done')")
    output, errors, status = ends(forked.start("later.py"))
    assert (output, status) == ("done\n", 0)
    assert "nothing to fork from" in errors
    # Nobody else removes it.
    for path in [*Path(forked.folder).glob("*/python"), *Path(forked.folder).glob("socket")]:
        path.unlink()
    for path in [*Path(forked.folder).glob("*"), Path(forked.folder)]:
        path.rmdir()


def test_no_job_outlives_who_started_the_server(forked, folder):
    client, job = working(forked, folder)
    forked.input.close()  # as the kernel does when a Snakemake is killed
    job.wait(timeout=60)
    assert ends(client)[2] == 137


def test_jobs_of_more_threads_and_options_of_python_go_to_a_plain_python(forked, folder):
    (folder / "parent.py").write_text("import os; print(os.getppid())")
    server = str(forked.process().pid)
    assert ends(forked.start("parent.py"))[0].strip() == server
    assert ends(forked.start("-I", "parent.py"))[0].strip() == str(os.getpid())
    forked.environ["OMP_NUM_THREADS"] = "2"
    assert ends(forked.start("parent.py"))[0].strip() == str(os.getpid())


@pytest.mark.parametrize("programs", [[], ["it's (a) *.py", "parent.py", "{x}|y.py"]])
def test_a_run_has_any_programs_or_none_that_need_libraries(folder, programs):
    (folder / "parent.py").write_text("import os; print(os.getppid())")
    server = Forked(programs=programs)
    assert ends(server.start("parent.py")) == (f"{server.process().pid}\n", "", 0)
    server.input.close()
