"""A real SLURM of two nodes with one fake GPU each, on this machine and for one user."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
NODES = ["n1", "n2"]
DAEMONS = ["munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd"]
CLIENTS = [
    "sacct",
    "sacctmgr",
    "sbatch",
    "scancel",
    "scontrol",
    "sinfo",
    "squeue",
    "srun",
    "sshare",
]
SYSTEM_TABLES = Path("/usr/share/mysql/mysql_system_tables.sql")
# Debian keeps daemons where an ordinary user's PATH does not lead.
DAEMON_PATH = os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])


class ClusterError(Exception):
    """The cluster does not start; the message says why, with the end of each log."""


class Cluster:
    """A SLURM that runs while the context lasts, with fresh accounting and job ids from 1.

    Its daemons are children of this process and end with it, even if it is killed. It has free
    ports and a folder of its own, so that several can run at once.

    Attributes
    ----------
    bin : pathlib.Path
        Clients (sbatch, sacct, ...) of this cluster, for the front of PATH.

    Raises
    ------
    ClusterError
        If a program is missing, a daemon ends or the nodes do not come up.
    """

    def __init__(self):
        missing = [
            name for name in [*DAEMONS, *CLIENTS] if not shutil.which(name, path=DAEMON_PATH)
        ]
        if missing:
            raise ClusterError(f"not installed: {', '.join(missing)}; run: make slurm")
        # Short, since the paths of sockets are limited to 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="needle-slurm-", dir="/tmp"))
        self.bin = self.folder / "bin"
        self.processes = {}

    def __enter__(self):
        try:
            self._configure()
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        # A slurmd that ends would leave its jobs running.
        self.client("scancel", "--user", getpass.getuser())
        self._wait("the end of all jobs", lambda: not self.client("squeue", "--noheader"))
        self._stop()

    def client(self, name, *args):
        """Run a client such as sacct, and return what it prints, stripped."""
        return subprocess.run(
            [self.bin / name, *args], stdout=subprocess.PIPE, text=True, timeout=60, check=True
        ).stdout.strip()

    def jobs(self, folder, rule=""):
        """Ask sacct for the jobs submitted from a folder, the oldest first.

        Parameters
        ----------
        folder : path
        rule : str
            Only jobs of this rule, alone or in a group.

        Returns
        -------
        list of dict
            By sacct's names: JobID, State, NodeList, ReqMem, AllocTRES, Comment, WorkDir.
        """
        fields = "JobID,State,NodeList,ReqMem,AllocTRES,Comment,WorkDir"
        table = self.client(
            "sacct", "--allocations", "--parsable2", "--starttime=now-1day", f"--format={fields}"
        )
        rows = (line.split("|") for line in table.splitlines()[1:])
        jobs = [dict(zip(fields.split(","), row, strict=True)) for row in rows]
        return [
            job for job in jobs if job["WorkDir"] == str(folder) and is_of(rule, job["Comment"])
        ]

    def queue(self, folder, rule="", states="R"):
        """Ask squeue for the ids of jobs submitted from a folder, by default those at work now."""
        lines = self.client("squeue", "--noheader", f"--states={states}", "--format=%i|%Z|%k")
        jobs = (line.split("|", 2) for line in lines.splitlines())
        return [id for id, place, comment in jobs if place == str(folder) and is_of(rule, comment)]

    def _configure(self):
        self.folder.chmod(0o755)  # munge wants its socket where all users can reach it
        for name in ("bin", "etc", "log", "run", "state", *(f"spool/{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True)
        host = socket.gethostname().partition(".")[0]
        values = {
            "folder": self.folder,
            "user": getpass.getuser(),
            "host": host,
            "listen": where_to_listen(host),
            **free_ports("ctld_port", "dbd_port", "n1_port", "n2_port"),
        }
        for name in ("slurm.conf", "slurmdbd.conf", "gres.conf"):
            path = self.folder / "etc" / name
            path.touch(mode=0o600)  # slurmdbd takes no other
            path.write_text(Template((HERE / name).read_text()).substitute(values))
        key = self.folder / "etc/munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(256))
        # Programs and not a variable: in a job, Snakemake's srun is started without SLURM_CONF.
        for name in CLIENTS:
            path = self.bin / name
            config, program = self.folder / "etc/slurm.conf", shutil.which(name, path=DAEMON_PATH)
            path.write_text(f'#!/bin/sh\nexport SLURM_CONF={config}\nexec {program} "$@"\n')
            path.chmod(0o755)

    def _start(self):
        run, etc = self.folder / "run", self.folder / "etc"
        self._daemon(
            "munged", "--foreground", f"--key-file={etc}/munge.key", f"--socket={run}/munge.sock",
            f"--pid-file={run}/munged.pid", f"--log-file={self.folder}/log/munge.log",
            f"--seed-file={run}/munged.seed",
        )  # fmt: skip
        self._database()
        self._wait("munged", (run / "munge.sock").exists)
        self._daemon("slurmdbd", "-D")
        self._wait("slurmdbd", lambda: self._answers("sacctmgr", "--noheader", "list", "account"))
        self._daemon("slurmctld", "-D")
        for node in NODES:
            self._daemon("slurmd", "-D", "-N", node, name=node)
        self._wait("the nodes", lambda: self._answers("sinfo", "-h", "-o", "%D %t") == "2 idle")
        # A step on each node proves the whole chain, to the way back to srun.
        self.client("srun", "--quiet", "--nodes=2", "--ntasks=2", "true")

    def _database(self):
        data, log = self.folder / "db", self.folder / "log/mariadbd.log"
        (data / "tmp").mkdir(parents=True)
        # In memory as far as possible: nothing of it outlives the tests.
        options = [
            "--no-defaults", f"--datadir={data}", f"--tmpdir={data}/tmp", f"--socket={data}/sock",
            f"--pid-file={data}/pid", "--skip-networking", "--skip-grant-tables",
            "--skip-log-bin", "--performance-schema=OFF", "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync", "--innodb-doublewrite=OFF",
            "--innodb-lock-wait-timeout=900", f"--user={getpass.getuser()}",
        ]  # fmt: skip
        tables = "create database mysql;\nuse mysql;\n" + SYSTEM_TABLES.read_text(encoding="utf-8")
        program = shutil.which("mariadbd", path=DAEMON_PATH)
        with open(log, "w", encoding="utf-8") as file:
            subprocess.run(
                [program, *options, "--bootstrap"], input=tables, text=True, stdout=file,
                stderr=file, check=True,
            )  # fmt: skip
        self._daemon("mariadbd", *options)
        self._wait("mariadbd", (data / "sock").exists)

    def _daemon(self, program, *args, name=None):
        """Start a daemon in the foreground, as a child that ends when this process ends."""
        name = name or program
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SLURM_")}
        with open(self.folder / f"log/{name}.log", "a", encoding="utf-8") as log:
            self.processes[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", program, *args],
                env=kept | {
                    "PATH": DAEMON_PATH,
                    "SLURM_CONF": f"{self.folder}/etc/slurm.conf",
                    "MYSQL_UNIX_PORT": f"{self.folder}/db/sock",
                },
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def _answers(self, name, *args):
        result = subprocess.run([self.bin / name, *args], capture_output=True, text=True)
        return result.returncode == 0 and result.stdout.strip()

    def _wait(self, what, is_there, seconds=60):
        deadline = time.monotonic() + seconds
        while not is_there():
            ended = [name for name, process in self.processes.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                reason = f"{', '.join(ended)} ended" if ended else "it took too long"
                raise ClusterError(f"waiting for {what}: {reason}\n{self._logs()}")
            time.sleep(0.1)

    def _logs(self):
        """Read the end of each log."""
        tails = {
            path.name: path.read_text(errors="replace").splitlines()[-12:]
            for path in sorted((self.folder / "log").iterdir())
        }
        return "\n".join(f"{name}: {line}" for name, lines in tails.items() for line in lines)

    def _stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder)


def is_of(rule, comment):
    """Tell from Snakemake's comment whether a job is of a rule, alone or in a group.

    >>> is_of("knn", "rule_knn_wildcards_digits_resnet50"), is_of("knn", "rule_group_embed_knn")
    (True, True)
    """
    return not rule or rule in comment.partition("_wildcards_")[0].split("_")


def where_to_listen(host):
    """Restrict SLURM to loopback, which works only where the host's own name is 127.0.0.1.

    What listens, then listens at the address of that name, and the jobs call 127.0.0.1 back.
    """
    try:
        is_loopback = socket.gethostbyname(host) == "127.0.0.1"
    except OSError:
        raise ClusterError(f"{host} has no address; add '127.0.0.1 {host}' to /etc/hosts") from None
    return "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny" if is_loopback else ""


def free_ports(*names):
    """Find a free TCP port for each name."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    ports = {name: s.getsockname()[1] for name, s in zip(names, sockets, strict=True)}
    for s in sockets:
        s.close()
    return ports
