"""What every benchmark shares: timing whole processes, and the row that records a measurement."""

from __future__ import annotations

import csv
import datetime
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("provenance-filter", "pyarrow", "duckdb", "resiliparse", "numba", "numpy")


@dataclass(frozen=True, slots=True)
class Cost:
    """One run of one command: CPU seconds of it and its children, wall seconds, peak RSS in MiB
    summed over the processes alive at the same moment, and what it printed."""

    cpu_seconds: float
    wall_seconds: float
    peak_rss_mib: float
    output: str


def run(command: Sequence[str]) -> Cost:
    """The cost of running `command` to its end; raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watch = _Watch(process.pid)
        output, errors = process.communicate()
        peak = watch.stop()
    wall = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Cost(cpu, wall, peak, output)


class _Watch:
    """Samples the resident memory of a process tree every 20 ms."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._stopped.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while not self._stopped.wait(0.02):
            self._peak = max(self._peak, tree_rss_mib(self._pid))


def tree_rss_mib(pid: int) -> float:
    """Resident memory of `pid` and its descendants, MiB; pages they share count once each."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * resource.getpagesize() / 2**20


def median(costs: Sequence[Cost]) -> tuple[float, float]:
    """Median CPU seconds and the spread (max - min)."""
    values = [cost.cpu_seconds for cost in costs]
    return statistics.median(values), max(values) - min(values)


def record(table: str, values: Mapping[str, Any]) -> None:
    """Append one row to `benchmarks/speed/<table>.csv`, with where and what it was measured on."""
    path = Path(__file__).with_name(f"{table}.csv")
    row = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": _commit(),
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": json.dumps({name: version(name) for name in PACKAGES}),
        **values,
    }
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)
    print(json.dumps(row, indent=2))


def data_folder() -> Path:
    """The folder PROVENANCE_DATA names; ends the script with a message when it is not set."""
    folder = os.environ.get("PROVENANCE_DATA")
    if not folder:
        sys.exit("set PROVENANCE_DATA to the folder that holds crawl/")
    return Path(folder)


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
