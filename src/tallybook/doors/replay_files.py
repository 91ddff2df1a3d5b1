"""What a state published, opened: files, folders and ZIPs in ZIPs, each told by what it is.

For `tallybook replay`. A file is known by its header, never by its name; what is not known is listed as left
aside. Archives are opened with the limits of ``formats.archives``. Fingerprints that lie beside a file
(``*.sha256sum``) are compared with it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from tallybook.doors.cli.shown import DoorError
from tallybook.formats.archives import Unreadable, is_clutter, is_zip, open_zip, read_whole
from tallybook.formats.csv_in import header_of
from tallybook.formats.problems import Problems

MOST = 1 << 30
DEEPEST = 3
SPREADSHEETS = (".xlsx", ".docx")
FINGERPRINTS = (".sha256sum", ".sha256")


class PublishedFile(msgspec.Struct, frozen=True):
    """A file: where it was found, and its bytes."""

    path: str
    data: bytes

    @property
    def folder(self) -> str:
        """The folder it lies in; in bundles that is the jurisdiction."""
        parts = self.path.split("/")
        return parts[-2] if len(parts) > 1 else ""


class Published(msgspec.Struct, frozen=True):
    """All files by kind. ``aside``: of no known kind; ``sums``: does each fingerprint fit?"""

    reports: tuple[PublishedFile, ...]
    manifests: tuple[PublishedFile, ...]
    totals: tuple[PublishedFile, ...]
    colorado_manifests: tuple[PublishedFile, ...]
    colorado_selected: tuple[PublishedFile, ...]
    colorado_risks: tuple[PublishedFile, ...]
    polled_audits: tuple[PublishedFile, ...]
    polled_drawn: tuple[PublishedFile, ...]
    polled_read: tuple[PublishedFile, ...]
    aside: tuple[str, ...]
    sums: tuple[tuple[str, bool], ...]


HEADERS = {
    "colorado_manifests": ("county", "device_id", "batch_id", "ballots"),
    "colorado_selected": ("county", "cvr_number"),
    "colorado_risks": ("contest_name", "min_margin", "optimistic_samples_to_audit"),
    "polled_audits": ("audit", "seed", "population"),
    "polled_drawn": ("audit", "sorted_number", "ballot"),
    "polled_read": ("audit", "ballot_sequence", "choice"),
    "manifests": ("batch name", "number of ballots"),
    "totals": ("batch name",),
}
"""Kinds by columns that their header has; the first that fits."""


def open_published(paths: Iterable[Path]) -> Published:
    """Every file under these paths, by kind. Raises DoorError for an archive that is damaged or hostile."""
    files = list(_all(paths))
    kinds: dict[str, list[PublishedFile]] = {name: [] for name in ("reports", *HEADERS)}
    aside = []
    for file in files:
        kind = kind_of(file.data, file.path)
        if kind:
            kinds[kind].append(file)
        elif not is_wrapping(file):
            aside.append(file.path)
    held = {kind: tuple(found) for kind, found in kinds.items()}
    return Published(**held, aside=tuple(aside), sums=tuple(_sums(files)))


def kind_of(data: bytes, path: str = "") -> str:
    """Which kind of published file this is, by its first row; "" where it is none. Text or a spreadsheet."""
    if is_zip(data) and not path.endswith(".xlsx"):
        return ""
    try:
        first = [cell.strip() for cell in header_of(data, path)]
    except Unreadable:
        return ""
    if first and first[0].startswith("######## ELECTION INFO"):
        return "reports"
    columns = {cell.casefold() for cell in first}
    return next((kind for kind, wanted in HEADERS.items() if columns.issuperset(wanted)), "")


def is_wrapping(file: PublishedFile) -> bool:
    """Is this an archive that was opened, or a fingerprint of another file?"""
    opened = is_zip(file.data) and not file.path.endswith(SPREADSHEETS)
    return opened or file.path.endswith(FINGERPRINTS)


def _all(paths: Iterable[Path]) -> Iterator[PublishedFile]:
    for path in paths:
        if path.is_dir():
            inner = sorted(p for p in path.rglob("*") if p.is_file())
            for one in inner:
                yield from _opened(str(one.relative_to(path).as_posix()), one.read_bytes(), 0)
        elif path.is_file():
            yield from _opened(path.name, path.read_bytes(), 0)
        else:
            raise DoorError(f"There is no file or folder {path}. Nothing was replayed.")


def _opened(name: str, data: bytes, depth: int) -> Iterator[PublishedFile]:
    if not is_zip(data) or name.endswith(SPREADSHEETS):
        yield PublishedFile(name, data)
        return
    if depth > DEEPEST:
        raise DoorError(f"{name}: archives inside archives, more than {DEEPEST} deep. Nothing was replayed.")
    yield PublishedFile(name, data)
    problems = Problems()
    folder = open_zip(data, name, problems)
    for inner in folder.names() if folder else ():
        held = read_whole(folder, inner, MOST, problems) if folder and not is_clutter(inner) else None
        if held is not None:
            yield from _opened(f"{name}/{inner}", held, depth + 1)
    if problems.grave:
        raise DoorError(*(str(one) for one in problems.collected()))


def _sums(files: list[PublishedFile]) -> Iterator[tuple[str, bool]]:
    """Each fingerprint that was published beside a file, and whether it is the file's."""
    by_path = {file.path: file for file in files}
    for file in files:
        if not file.path.endswith(FINGERPRINTS):
            continue
        stated = file.data.decode("utf-8", "replace").split()
        target = by_path.get(file.path.rpartition(".")[0])
        if stated and target is not None:
            yield target.path, hashlib.sha256(target.data).hexdigest() == stated[0].lower()
