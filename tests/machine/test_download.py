"""Fetching from a server that cuts, refuses, lacks ranges or has the wrong file."""

import hashlib
import os
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from needle.base.errors import NeedleError
from needle.machine import http
from needle.machine.download import fetch
from needle.machine.http import without_secrets

BODY = random.Random(1).randbytes(3 << 20)
SHA256 = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
MD5 = f"md5:{hashlib.md5(BODY).hexdigest()}"


class Handler(BaseHTTPRequestHandler):
    """Serve the body; `server.failures` are what to do first, one by request."""

    def do_GET(self):
        server = self.server
        server.requests.append(dict(self.headers))
        failure = server.failures.pop(0) if server.failures else None
        if isinstance(failure, int):
            self.send_error(failure)
            return
        if failure == "redirect":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
            return
        start = int(self.headers.get("Range", "bytes=0-")[6:-1]) if server.ranges else 0
        if start >= len(BODY):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        if server.says_length:
            self.send_header("Content-Length", str(len(BODY) - start))
        self.end_headers()
        self.wfile.write(BODY[start : start + (1 << 20)] if failure == "cut" else BODY[start:])

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, address):
        """A client that turned away is no failure of the test."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(http, "FIRST_WAIT", 0.001)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.requests, server.failures, server.ranges, server.says_length = [], [], True, True
        server.address = f"127.0.0.1:{server.server_port}"
        server.url = f"http://{server.address}/data/body.bin"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("checksum", [SHA256, MD5, None])
def test_a_download_is_whole_and_alone_in_its_folder(server, tmp_path, checksum):
    path = tmp_path / "new/body.bin"
    fetch(server.url, path, checksum, len(BODY), mirror="")
    assert path.read_bytes() == BODY
    assert os.listdir(path.parent) == ["body.bin"]


def test_a_finished_file_is_not_fetched_again_but_a_wrong_one_is(server, tmp_path):
    path = tmp_path / "body.bin"
    path.write_bytes(BODY)
    fetch(server.url, path, SHA256, len(BODY))
    assert server.requests == []
    path.write_bytes(bytes(len(BODY)))
    fetch(server.url, path, SHA256, len(BODY))
    assert path.read_bytes() == BODY


def test_a_cut_download_goes_on_where_it_was(server, tmp_path):
    server.failures = ["cut", "cut"]
    fetch(server.url, tmp_path / "body.bin", SHA256)
    assert (tmp_path / "body.bin").read_bytes() == BODY
    assert [request.get("Range") for request in server.requests] == [
        None,
        f"bytes={1 << 20}-",
        f"bytes={2 << 20}-",
    ]


def test_a_later_call_goes_on_too(server, tmp_path):
    (tmp_path / "body.bin.part").write_bytes(BODY[:1000])
    fetch(server.url, tmp_path / "body.bin", SHA256)
    assert (tmp_path / "body.bin").read_bytes() == BODY
    assert server.requests[0]["Range"] == "bytes=1000-"


@pytest.mark.parametrize("says_length", [True, False])
def test_a_server_without_ranges_sends_everything_again(server, tmp_path, says_length):
    server.ranges, server.says_length, server.failures = False, says_length, ["cut"]
    fetch(server.url, tmp_path / "body.bin", SHA256, len(BODY))
    assert (tmp_path / "body.bin").read_bytes() == BODY
    assert len(server.requests) == 2


def test_what_was_kept_of_a_longer_file_is_dropped(server, tmp_path):
    (tmp_path / "body.bin.part").write_bytes(BODY + b"more")
    fetch(server.url, tmp_path / "body.bin", SHA256)
    assert (tmp_path / "body.bin").read_bytes() == BODY


@pytest.mark.parametrize("existing", [None, b"old"])
def test_a_wrong_checksum_leaves_nothing_new(server, tmp_path, existing):
    path = tmp_path / "body.bin"
    if existing:
        path.write_bytes(existing)
    with pytest.raises(NeedleError, match=r"data/body\.bin: has md5 \w{32} instead of 00; run"):
        fetch(server.url, path, "md5:00")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([existing] if existing else [])


def test_a_wrong_size_is_seen_before_the_download(server, tmp_path):
    with pytest.raises(NeedleError, match=r"offers 3145728 bytes instead of 7; see whether"):
        fetch(server.url, tmp_path / "body.bin", SHA256, 7)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("status", [503, 500, 408, 429])
def test_a_passing_failure_is_tried_again(server, tmp_path, status, capsys):
    server.failures = [status, status]
    fetch(server.url, tmp_path / "body.bin", SHA256)
    assert (tmp_path / "body.bin").read_bytes() == BODY
    assert f"{server.url}: HTTP status {status}; next attempt in 0.002 s" in capsys.readouterr().err


def test_what_stays_missing_is_not_tried_again(server, tmp_path):
    server.failures = [404]
    with pytest.raises(NeedleError, match=r"data/body\.bin: HTTP status 404; look whether"):
        fetch(server.url, tmp_path / "body.bin", SHA256)
    assert len(server.requests) == 1
    assert os.listdir(tmp_path) == []


def test_attempts_end_and_keep_what_came(server, tmp_path):
    server.failures = ["cut", *[503] * http.ATTEMPTS]
    with pytest.raises(NeedleError, match=r"status 503, 6 times in a row; .* from byte 1048576$"):
        fetch(server.url, tmp_path / "body.bin", SHA256)
    assert os.listdir(tmp_path) == ["body.bin.part"]


def test_no_server_at_all(tmp_path, server):
    server.shutdown()
    server.server_close()
    with pytest.raises(
        NeedleError, match=r"no connection to 127\.0\.0\.1 .*refused\); connect or set a"
    ):
        fetch(server.url, tmp_path / "body.bin", SHA256)


def test_a_mirrors_folder_replaces_the_network(tmp_path):
    mirror, path = tmp_path / "mirror", tmp_path / "raw/body.bin"
    mirror.mkdir()
    missing = r"mirror/body\.bin: no such file in the mirror; put body\.bin from https://host/a th"
    with pytest.raises(NeedleError, match=missing):
        fetch("https://host/a?key=secret", path, SHA256, mirror=mirror)
    (mirror / "body.bin").write_bytes(BODY)
    fetch("https://host/a", path, SHA256, len(BODY), mirror, offline=True)
    assert path.read_bytes() == BODY
    assert os.listdir(path.parent) == ["body.bin"]


def test_a_wrong_file_in_the_mirror_stays_there(tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/body.bin").write_bytes(b"other")
    with pytest.raises(NeedleError, match=r"mirror/body\.bin: has sha256 \w{64} instead of \w{64}"):
        fetch("https://host/a", tmp_path / "raw/body.bin", SHA256, mirror=tmp_path / "mirror")
    assert (tmp_path / "mirror/body.bin").read_bytes() == b"other"
    assert os.listdir(tmp_path / "raw") == []


def test_a_mirrors_address_replaces_the_host(server, tmp_path):
    mirror = f"http://me:secret@{server.address}/copies/"
    server.failures = [404]
    with pytest.raises(NeedleError) as caught:
        fetch("https://host/a", tmp_path / "body.bin", SHA256, mirror=mirror)
    assert f"http://{server.address}/copies/body.bin: HTTP status 404" in str(caught.value)
    assert "secret" not in str(caught.value)
    server.failures = ["redirect"]
    fetch("https://host/a", tmp_path / "body.bin", SHA256, mirror=mirror)
    # The password is for the mirror, not for where it sends us.
    assert [("Authorization" in request) for request in server.requests] == [True, True, False]


@pytest.mark.parametrize("variable", [True, False])
def test_offline_says_what_to_put_where(server, tmp_path, monkeypatch, variable):
    if variable:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for mirror in (None, f"http://{server.address}"):
        with pytest.raises(
            NeedleError, match=r"body\.bin: missing, and the network is not .* put body\.bin from"
        ):
            fetch(server.url, tmp_path / "body.bin", SHA256, None, mirror, offline=not variable)
    (tmp_path / "body.bin").write_bytes(BODY)
    fetch(server.url, tmp_path / "body.bin", SHA256, offline=not variable)
    assert server.requests == []


def test_two_at_once_fetch_it_once(server, tmp_path):
    path, errors = tmp_path / "body.bin", []

    def work():
        try:
            fetch(server.url, path, SHA256, len(BODY))
        except Exception as error:
            errors.append(error)

    server.failures = ["cut", 503]
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(server.requests) == 3
    assert path.read_bytes() == BODY
    assert os.listdir(tmp_path) == ["body.bin"]


def test_after_one_that_fails_the_next_begins_anew(server, tmp_path):
    path, errors = tmp_path / "body.bin", []

    def work():
        try:
            fetch(server.url, path, "md5:00")
        except NeedleError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 3
    assert os.listdir(tmp_path) == []


def test_a_disk_without_room_is_said(server, tmp_path, monkeypatch):
    class Full:
        f_bavail, f_frsize = 1, 512

    monkeypatch.setattr(http.os, "statvfs", lambda path: Full)
    with pytest.raises(NeedleError, match=r"body\.bin: No space left on device; make room"):
        fetch(server.url, tmp_path / "body.bin", SHA256)
    assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://host/a"])
def test_other_kinds_of_address_are_refused(url, tmp_path):
    with pytest.raises(NeedleError, match="not a http or https address"):
        fetch(url, tmp_path / "a")


def test_an_unknown_checksum_is_refused(server, tmp_path):
    with pytest.raises(NeedleError, match=r"checksum 'crc:1' of .*must begin with sha256: or md5:"):
        fetch(server.url, tmp_path / "a", "crc:1")


def test_paths_have_no_secrets():
    assert without_secrets("a/b@c?d") == "a/b@c?d"
