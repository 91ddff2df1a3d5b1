"""What a pure room may not do, found by reading its syntax tree.

A pure room gives the same answer for the same arguments, today and in twenty years: it reads no clock,
rolls no die, opens no file, prints nothing and asks no network. Besides the standard library it may
import numpy, msgspec and rfc8785, and nothing else; the room of statistics also a compiler, the room of
file formats also the readers of spreadsheets and of XML from strangers. The reading is of names, so a
determined author could slip past it; it is there for the tired one.
"""

import ast
import sys
from collections.abc import Iterator

PURE_ROOMS = (
    "election", "stats", "merkle", "outcomes", "canvass", "audit", "envelopes", "law", "book",
    "formats", "reports",
)  # fmt: skip
ADMITTED = {"numpy", "msgspec", "rfc8785", "tallybook"}
ADMITTED_TO = {"stats": {"numba"}, "formats": {"python_calamine", "defusedxml", "lxml", "xlsxwriter"}}

CLOCK_DIE_FILE_WIRE = {
    "asyncio", "builtins", "ctypes", "fcntl", "fileinput", "ftplib", "getpass", "glob", "http", "imaplib",
    "importlib", "logging", "mmap", "multiprocessing", "os", "platform", "poplib", "queue", "random",
    "sched", "secrets", "select", "selectors", "shelve", "shutil", "signal", "smtplib", "socket",
    "socketserver", "sqlite3", "ssl", "subprocess", "syslog", "tempfile", "threading", "time",
    "urllib.request", "uuid", "webbrowser", "xmlrpc", "_thread",
}  # fmt: skip
BUILTINS = {"open", "print", "input", "exec", "eval", "breakpoint", "compile", "__import__"}
PURE_PATHS = {"PurePath", "PurePosixPath", "PureWindowsPath"}
CLOCKS = {"now", "utcnow", "today"}
FILE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "rmdir", "unlink", "touch"}
NUMPY_FILES = {
    "load", "save", "savez", "savez_compressed", "loadtxt", "savetxt", "genfromtxt", "fromfile", "tofile",
    "memmap",
}  # fmt: skip
NUMPY_DICE = {"Generator", "PCG64", "SeedSequence", "default_rng"}
STREAMS = {"stdin", "stdout", "stderr", "argv", "exit"}
POOLS = {"ProcessPoolExecutor", "ThreadPoolExecutor"}


def offences(source: str, room: str = "") -> list[str]:
    """Each thing in this source that a pure room (this one) may not do: `line N: what`."""
    nodes = list(ast.walk(ast.parse(source)))
    builtins = BUILTINS - own_names(nodes)
    admitted = ADMITTED | ADMITTED_TO.get(room, set())
    return [
        f"line {getattr(node, 'lineno', 0)}: {what}"
        for node in nodes
        for what in offences_of(node, builtins, admitted)
    ]


def imported(source: str) -> set[str]:
    """The top-level names of every module that this source imports by an absolute name."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | parts if name}


def own_names(nodes: list[ast.AST]) -> set[str]:
    """The names that a source gives to things of its own; a variable named `open` opens no file."""
    given = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return given | {node.arg for node in nodes if isinstance(node, ast.arg)}


def offences_of(node: ast.AST, builtins: set[str], admitted: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from offences_of_import(alias.name, "", admitted)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            yield from offences_of_import(node.module or "", alias.name, admitted)
    elif isinstance(node, ast.Name) and node.id in builtins:
        yield f"uses {node.id}"
    elif isinstance(node, ast.Attribute):
        yield from offences_of_attribute(node)
    elif isinstance(node, ast.Call):
        yield from offences_of_call(node)


def offences_of_import(module: str, name: str, admitted: set[str]) -> Iterator[str]:
    top = module.partition(".")[0]
    if top not in sys.stdlib_module_names and top not in admitted:
        yield f"imports {module}, which no pure room admits"
    if {top, module, f"{module}.{name}"} & CLOCK_DIE_FILE_WIRE:
        yield f"imports {module}"
    if top == "pathlib" and name not in PURE_PATHS:
        yield "imports pathlib for more than pure paths"
    if top == "io" and name == "open":
        yield "imports io.open"
    if module == "sys" and name in STREAMS:
        yield f"imports sys.{name}"
    if module.startswith("concurrent") and name in POOLS:
        yield f"imports {name}: an executor is an argument"
    if (module == "numpy" and name in NUMPY_FILES) or (module == "numpy.random" and name not in NUMPY_DICE):
        yield f"imports {module}.{name}"


def offences_of_attribute(node: ast.Attribute) -> Iterator[str]:
    owner = ast.unparse(node.value)
    if node.attr in FILE_METHODS:
        yield f"touches a file: .{node.attr}"
    if owner in {"np", "numpy"} and node.attr in NUMPY_FILES:
        yield f"touches a file: {owner}.{node.attr}"
    if owner in {"np.random", "numpy.random"} and node.attr not in NUMPY_DICE:
        yield f"rolls numpy's shared die: {owner}.{node.attr}"
    if owner == "sys" and node.attr in STREAMS:
        yield f"uses sys.{node.attr}"
    if owner == "io" and node.attr == "open":
        yield "uses io.open"
    if node.attr in POOLS:
        yield f"uses {node.attr}: an executor is an argument"


def offences_of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    seedless = not node.args and not node.keywords
    if name in CLOCKS and isinstance(node.func, ast.Attribute) and is_a_clock(node.func.value):
        yield f"reads the clock: .{name}"
    if name in NUMPY_DICE - {"Generator"} and seedless:
        yield f"rolls a die without a seed: {name}()"


def is_a_clock(owner: ast.expr) -> bool:
    return ast.unparse(owner).split(".")[-1] in {"datetime", "date"}
