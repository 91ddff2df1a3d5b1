"""How long until the command line answers: `tallybook --help`, next to a bare Python that does nothing.

    python bench/startup.py

Each is started eleven times; the median counts. The goal is 0.3 s for `--help`.
"""

import subprocess
import sys
from statistics import median
from time import perf_counter

TIMES = 11


def seconds(words: list[str]) -> float:
    """The median time of a command."""
    found = []
    for _ in range(TIMES):
        start = perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        found.append(perf_counter() - start)
    return median(found)


def main() -> None:
    """Print both, and their ratio."""
    bare, helped = seconds(["-c", "pass"]), seconds(["-m", "tallybook", "--help"])
    checker = seconds(["-m", "tallycheck", "--help"])
    print(f"python, nothing        {bare:6.3f} s")
    print(f"tallycheck --help      {checker:6.3f} s   {checker / bare:5.1f} times")
    print(f"tallybook --help       {helped:6.3f} s   {helped / bare:5.1f} times   (goal 0.3 s)")


if __name__ == "__main__":
    main()
