"""A tiny writer of packages for the checker's tests: the specification's formats by the shortest way.

Signs with `cryptography`, which the checker does not use. Writes wrong packages as willingly as right ones.
"""

import base64
import hashlib
import json
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "elections.example/test/2026-11-03"
Files = dict[str, bytes]


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@dataclass(frozen=True)
class Signer:
    """A key made from its name: type 1 signs as a log, type 4 as a witness."""

    name: str
    type: int = 4
    salt: str = ""

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256((self.name + self.salt).encode()).digest())

    @property
    def body(self) -> bytes:
        return bytes([self.type]) + self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.body).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(self.body)}"

    def line(self, text: bytes, time: int = 1_795_305_600) -> bytes:
        if self.type == 1:
            payload = self.private.sign(text)
        else:
            message = b"cosignature/v1\ntime %d\n" % time + text
            payload = struct.pack(">Q", time) + self.private.sign(message)
        return f"\u2014 {self.name} {b64(self.id + payload)}\n".encode()


LOG = Signer(ORIGIN, 1)
WITNESSES = (Signer("witness-a.example"), Signer("witness-b.example"))


def policy(log: Signer = LOG, witnesses: tuple[Signer, ...] = WITNESSES, k: str = "all") -> str:
    lines = [f"log {log.vkey}"]
    lines += [f"witness w{i} {w.vkey}" for i, w in enumerate(witnesses)]
    lines += [
        f"group all_of_them {k} " + " ".join(f"w{i}" for i in range(len(witnesses))),
        "quorum all_of_them",
    ]
    return "\n".join(lines) + "\n"


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def root(hashes: list[bytes]) -> bytes:
    """MTH as RFC 6962 defines it, by recursion."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\1" + root(hashes[:k]) + root(hashes[k:])).digest()


def groups(n: int) -> str:
    digits = f"{n:0{-(-len(str(n)) // 3) * 3}d}"
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])


def name(kind: str, n: int, width: int) -> str:
    return f"tile/{kind}/{groups(n)}" + (f".p/{width}" if width < 256 else "")


def text(entries: list[bytes], origin: str = ORIGIN) -> bytes:
    return f"{origin}\n{len(entries)}\n{b64(root([leaf(e) for e in entries]))}\n".encode()


def signed(
    entries: list[bytes], signers: tuple[Signer, ...] = (LOG, *WITNESSES), origin: str = ORIGIN
) -> bytes:
    body = text(entries, origin)
    return body + b"\n" + b"".join(signer.line(body) for signer in signers)


def tiles(entries: list[bytes]) -> Files:
    files: Files = {}
    for start in range(0, len(entries), 256):
        part = entries[start : start + 256]
        bundle = b"".join(struct.pack(">H", len(entry)) + entry for entry in part)
        files[name("entries", start // 256, len(part))] = bundle
    level, hashes = 0, [leaf(entry) for entry in entries]
    while hashes:
        for start in range(0, len(hashes), 256):
            part = hashes[start : start + 256]
            files[name(str(level), start // 256, len(part))] = b"".join(part)
        full = len(hashes) // 256
        hashes = [root(hashes[256 * i : 256 * i + 256]) for i in range(full)]
        level += 1
    return files


def package(entries: list[bytes], exhibits: list[bytes] = [], checkpoint: bytes | None = None) -> Files:  # noqa: B006
    lines = ["tallybook/package/v1", f"size {len(entries)}"]
    lines += [f"exhibit {digest} {size}" for digest, size in sorted({(sha(e), len(e)) for e in exhibits})]
    files = {"contents": ("\n".join(lines) + "\n").encode()} | tiles(entries)
    files["checkpoint"] = signed(entries) if checkpoint is None else checkpoint
    return files | {f"exhibits/{sha(exhibit)}": exhibit for exhibit in exhibits}


def folder(files: Files, where: Path) -> Path:
    for file, raw in files.items():
        path = where / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return where


def zip_bytes(files: Files, names: list[str] | None = None) -> bytes:
    """The canonical ZIP, or with `names` one in another order."""
    local, central = b"", b""
    for file in names or sorted(files):
        raw, encoded = files[file], file.encode()
        sums = struct.pack("<3L", zlib.crc32(raw), len(raw), len(raw))
        fixed = b"\x0a\0" + bytes(6) + b"\x21\0" + sums + struct.pack("<H", len(encoded))
        central += b"PK\1\2\x0a\0" + fixed + bytes(12) + struct.pack("<L", len(local)) + encoded
        local += b"PK\3\4" + fixed + b"\0\0" + encoded + raw
    end = struct.pack("<2H2L", len(files), len(files), len(central), len(local))
    return local + central + b"PK\5\6" + bytes(4) + end + b"\0\0"


def zipped(files: Files, path: Path) -> Path:
    path.write_bytes(zip_bytes(files))
    return path


# Books ------------------------------------------------------------


@dataclass
class Book:
    """Entries written one by one; each is numbered and its exhibits are kept."""

    entries: list[bytes] = field(default_factory=list)
    exhibits: list[bytes] = field(default_factory=list)

    def add(self, **fields: Any) -> int:
        seq = len(self.entries)
        self.entries.append(canonical({"seq": seq, "v": 1} | fields))
        return seq

    def files(self) -> Files:
        return package(self.entries, self.exhibits)


def public(raw: bytes, file: str) -> dict[str, Any]:
    return {"bytes": len(raw), "kind": "public", "name": file, "sha256": sha(raw)}
