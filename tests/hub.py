"""A server on this machine that speaks what the Hugging Face client asks, and serves plain URLs."""

import contextlib
import hashlib
import socket
import struct
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Files of repositories and of plain paths, with failures by script.

    `repositories` are contents by repository and file; `plain` contents by path; `gated` and
    `failures` what happens first: by path, a list of "cut", "reset" or HTTP status, one a request.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories, self.plain, self.gated = defaultdict(dict), {}, set()
        self.failures, self.requests = defaultdict(list), []
        # Another host than the hub, for the client: it asks there for the bytes, not for the tag.
        self.cdn = f"http://localhost:{self.server_port}"
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, address):
        """A client that turned away is no failure of the test."""


@contextlib.contextmanager
def serve():
    """Give a hub at work."""
    with Hub() as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        hub, self.path = self.server, self.path.partition("?")[0]
        hub.requests.append((self.command, self.path, self.headers.get("Range")))
        failure = hub.failures[self.path].pop(0) if hub.failures[self.path] else None
        if isinstance(failure, int):
            self.say(failure)
        elif self.path in hub.plain:
            self.send(hub.plain[self.path], failure)
        elif "/resolve/" in self.path:
            self.resolve()
        else:
            self.say(200 if self.path == "/" else 404)

    def resolve(self):
        """Answer for a file of a repository as the hub does: with its tag, and where it lies."""
        repository, _, rest = self.path[1:].partition("/resolve/")
        revision, _, file = rest.partition("/")
        token, files = self.headers.get("Authorization"), self.server.repositories.get(repository)
        if files is None:
            self.say(404 if token else 401, {"X-Error-Code": "RepoNotFound"})
        elif repository in self.server.gated:
            self.say(403 if token else 401, {"X-Error-Code": "GatedRepo"})
        elif revision not in ("main", COMMIT):
            self.say(404, {"X-Error-Code": "RevisionNotFound"})
        elif file not in files:
            self.say(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        else:
            digest = hashlib.sha256(files[file]).hexdigest()
            self.server.plain[f"/blobs/{digest}"] = files[file]
            self.say(302, {
                "X-Repo-Commit": COMMIT, "X-Linked-Etag": f'"{digest}"',
                "X-Linked-Size": str(len(files[file])),
                "Location": f"{self.server.cdn}/blobs/{digest}",
            })  # fmt: skip

    def say(self, status, headers=None):
        self.send_response(status)
        for name, value in {"Content-Length": "0", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, body, failure):
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        half = (start + len(body) + 1) // 2
        self.wfile.write(body[start : half if failure else len(body)])
        if failure:
            self.wfile.flush()
            self.close_connection = True
            if failure == "reset":  # as a router does that has forgotten the connection
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                self.connection.close()

    def log_message(self, *args):
        pass
