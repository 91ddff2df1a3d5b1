"""A witness over HTTP, and how to ask one (C2SP tlog-witness).

For `tallybook witness serve` and `ask`. The answer is made in `evidence`; here are the socket and the clock.
"""

from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time
from urllib.parse import urlsplit

from tallybook.doors.cli.shown import DoorError
from tallybook.evidence.signing import SigningKey
from tallybook.evidence.witness import MOST_BODY, request_for, serve
from tallybook.merkle.notes import VerifierKey
from tallybook.merkle.text import parse_decimal
from tallybook.merkle.tree import Node

PATIENCE = 20


def server(
    host: str, port: int, memory: Path, logs: Mapping[str, Sequence[VerifierKey]], key: SigningKey
) -> ThreadingHTTPServer:
    """A witness that listens; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version = "tallybook-witness"
        sys_version = ""

        def do_POST(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            stated = self.headers.get("Content-Length") or "0"
            length = min(int(stated), MOST_BODY + 1) if stated.isascii() and stated.isdigit() else 0
            body = self.rfile.read(length)
            told = serve(self.command, self.path, body, memory=memory, logs=logs, key=key, time=int(time()))
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: object) -> None:
            """A witness keeps its memory, not a log of who asked."""

    try:
        return ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise DoorError(
            f"{host}:{port}: cannot listen there ({error.strerror}). Choose another --port."
        ) from None


def serve_witness(
    host: str, port: int, memory: Path, logs: Mapping[str, Sequence[VerifierKey]], key: SigningKey
) -> None:
    """Listen until stopped."""
    with server(host, port, memory, logs, key) as listening:
        listening.serve_forever()


def ask_witness(url: str, checkpoint: bytes, node: Node) -> bytes:
    """The signature lines of a witness, who is asked again from the size that it says it has seen."""
    status, body = post(url, request_for(checkpoint, 0, node))
    if status == 409:
        seen = parse_decimal(body.decode("ascii", "replace").strip(), "the witness's size")
        status, body = post(url, request_for(checkpoint, seen, node))
    if status != 200:
        words = body.decode("utf-8", "replace").strip()[:300]
        raise DoorError(f"The witness did not sign (status {status}): {words}", code=1)
    return body


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a request; answer status and body."""
    parts = urlsplit(url if "//" in url else f"http://{url}")
    path = parts.path.removesuffix("/").removesuffix("/add-checkpoint") + "/add-checkpoint"
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        line = kind(parts.netloc, timeout=PATIENCE)
        line.request("POST", path, body, {"Content-Type": "text/plain; charset=utf-8"})
        reply: HTTPResponse = line.getresponse()
        return reply.status, reply.read(MOST_BODY)
    except (OSError, HTTPException, ValueError) as error:
        raise DoorError(
            f"{url}: the witness did not answer ({error}). Nothing was changed. Ask again later."
        ) from None
