"""A page looked at in a real browser, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--v=0", "--dump-dom",
)  # fmt: skip


def opened(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The document tree after loading, as HTML, and what the page wrote to the console.

    profile: a new folder for the browser's own files.
    """
    assert BROWSER is not None
    ran = subprocess.run(
        [BROWSER, *_OPTIONS, f"--user-data-dir={profile}", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return ran.stdout, re.findall(r".*:CONSOLE.*", ran.stderr)
