"""Content credentials: round trips, tampering and broken input, on real texts.

    python benchmarks/quality/credentials.py [--inputs 100000]

Human texts of the labelled sets, in every language there, are signed with keys made here, in each
of the four ways a page can carry a manifest, and read back: `valid`. Then one character of the text
is changed: `tampered_valid` must be 0. Then signed documents, or the manifests in them, are damaged
at random places and read as page and as plain text: `raised` must be 0, and so must `forged`, a
damaged document whose credential is valid though the signed text is no longer in it. Cost is CPU
time per document read (for the damaged, made and read). One row of credentials.csv per carrier, and
one for the damaged.
"""

from __future__ import annotations

import argparse
import base64
import csv
import datetime
import os
import platform
import random
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.append(str(Path(__file__).parents[2] / "tests" / "helpers"))
from signing import new_signer, sign_html, sign_structured, sign_text

from provenance.evidence.credentials import Capture, Credential, CredentialReader

PRESS = new_signer("Test Press")
ARMOUR = re.compile(rb"[A-Za-z0-9+/=]{99,}")
READER = CredentialReader(PRESS.anchor)
HEAD, FOOT = "<html><head><title>A page</title></head><body><p>", "</p><p>Foot</p></body></html>"


def as_page(text: str) -> str:
    return f"{HEAD}{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}{FOOT}"


#: Carrier -> (sign a text, read the document that came of it).
CARRIERS: dict[str, tuple[Callable[[str], str], Callable[[str], Capture]]] = {
    "plain text": (lambda text: sign_text(text, PRESS), lambda doc: Capture(doc.encode())),
    "HTML": (
        lambda text: sign_html(as_page(text), PRESS),
        lambda doc: Capture(doc.encode(), text="extracted"),
    ),
    "structured text": (
        lambda text: sign_structured(text, PRESS),
        lambda doc: Capture(doc.encode()),
    ),
    "text inside HTML": (
        lambda text: as_page(sign_text(text.strip(), PRESS)),
        lambda doc: Capture(doc.encode(), text=extracted(doc)),
    ),
}


def extracted(page: str) -> str:
    """What an extractor gives back of `as_page`."""
    text = page.removeprefix(HEAD).removesuffix(FOOT)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def texts(folder: Path, count: int) -> list[str]:
    """Human texts of every set, evenly."""
    found: list[str] = []
    paths = sorted((folder / "detection").glob("*.parquet"))
    for path in paths:
        table = pq.read_table(path, columns=["text", "label"]).to_pylist()
        human = [row["text"] for row in table if row["label"] == "human" and row["text"].strip()]
        found += human[: count // 10]
    return random.Random(0).sample(found, min(count, len(found)))


def changed(text: str, rng: random.Random) -> str:
    """`text` with one letter replaced."""
    letters = [at for at, character in enumerate(text) if character.isalpha()]
    at = rng.choice(letters)
    return f"{text[:at]}{'x' if text[at] != 'x' else 'y'}{text[at + 1 :]}"


def is_valid(found: list[Credential]) -> bool:
    return len(found) == 1 and found[0].state == "valid"


def round_trips(name: str, chosen: list[str]) -> dict[str, Any]:
    """The row of one carrier."""
    sign, capture = CARRIERS[name]
    rng = random.Random(1)
    signed = [sign(text) for text in chosen]
    # The letter is changed in what the manifest covers: everything but itself.
    tampered = [
        document.replace(one, changed(one, rng), 1)
        for text, document in zip(chosen, signed, strict=True)
        if (one := longest_run(text)) in document
    ]
    start = time.process_time()
    valid = sum(is_valid(READER.credentials(capture(document))) for document in signed)
    seconds = time.process_time() - start
    return {
        "carrier": name,
        "documents": len(signed),
        "valid": valid,
        "tampered": len(tampered),
        "tampered_valid": sum(is_valid(READER.credentials(capture(one))) for one in tampered),
        "us_per_document": round(1e6 * seconds / len(signed)),
    }


def longest_run(text: str) -> str:
    """The longest run of letters in the composed text, which no escaping has touched."""
    return max(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text)), key=len)


def damaged(chosen: list[str], count: int) -> Iterator[tuple[str, bytes, bool]]:
    """What was signed, a damaged document that held it, whether it is read as a page."""
    rng = random.Random(2)
    sources = []
    for name, (sign, _) in CARRIERS.items():
        for text in chosen:
            document = sign(text)
            inside = visible(as_page(text.strip()).removeprefix(HEAD).removesuffix(FOOT))
            signed = inside if name == "text inside HTML" else visible(document)
            sources.append((signed, document.encode()))
    for number in range(count):
        signed, source = rng.choice(sources)
        armour = ARMOUR.search(source)
        if armour and number % 4 < 2:  # the manifest itself, so that the verifier sees the damage
            store = base64.b64encode(broken(base64.b64decode(armour[0]), rng))
            data = source.replace(armour[0], store)
        else:
            data = broken(source, rng)
        yield signed, data, number % 2 == 0


def broken(source: bytes, rng: random.Random) -> bytes:
    """`source` with one to five pieces changed, cut out, repeated or turned round."""
    data = bytearray(source)
    for _ in range(rng.randint(1, 5)):
        at, size = rng.randrange(len(data) or 1), rng.randint(1, 60)
        piece = bytes(data[at : at + size])
        data[at : at + size] = rng.choice(
            [b"", rng.randbytes(size), rng.randbytes(1) + piece[1:], piece * 2, piece[::-1],
             b"\xff\xff\xff\xff", b"</script>"]
        )  # fmt: skip
    return bytes(data)


def visible(document: str | bytes) -> str:
    """What a document says without its manifests, composed."""
    text = document if isinstance(document, str) else document.decode("utf-8", "replace")
    text = re.sub(r"<script.*?</script\s*>|#?[^\n]*-----BEGIN C2PA.*?-----END[^\n]*", "", text,
                  flags=re.DOTALL)  # fmt: skip
    text = re.sub("\ufeff?[\ufe00-\ufe0f\U000e0100-\U000e01ef]+", "", text)
    return unicodedata.normalize("NFC", text)


def damage(chosen: list[str], count: int) -> dict[str, Any]:
    """The row of the damaged inputs."""
    states: dict[str, int] = {"valid": 0, "invalid": 0, "not_checkable": 0, "none": 0}
    raised = forged = 0
    start = time.process_time()
    for signed, data, is_page in damaged(chosen, count):
        text = data.decode("utf-8", "replace") if is_page else None
        try:
            found = READER.credentials(Capture(data, text=text))
        except Exception as error:
            raised += 1
            print(f"raised {error!r}")
            continue
        states[found[0].state if found else "none"] += 1
        if any(one.state == "valid" for one in found) and signed not in visible(data):
            forged += 1
            print(f"forged {visible(data)[:99]!r}")
    seconds = time.process_time() - start
    return {
        "carrier": "damaged",
        "documents": count,
        **states,
        "raised": raised,
        "forged": forged,
        "us_per_document": round(1e6 * seconds / count),
    }


def record(rows: list[dict[str, Any]]) -> None:
    """Append the rows to the CSV beside this file, with where they were measured."""
    path = Path(__file__).with_suffix(".csv")
    columns = ("carrier", "documents", "valid", "tampered", "tampered_valid", "invalid",
               "not_checkable", "none", "raised", "forged", "us_per_document")  # fmt: skip
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    where = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": done.stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "c2pa-python": version("c2pa-python"),
    }
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, (*where, *columns))
        if is_new:
            writer.writeheader()
        for row in rows:
            writer.writerow(where | row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="damaged documents")
    parser.add_argument("--texts", type=int, default=300, help="human texts that are signed")
    options = parser.parse_args()
    folder = os.environ.get("PROVENANCE_DATA")
    if not folder:
        sys.exit("set PROVENANCE_DATA to the folder that holds detection/")
    chosen = texts(Path(folder), options.texts)
    rows = [round_trips(name, chosen) for name in CARRIERS]
    for row in rows:
        print(row, flush=True)
    rows.append(damage(chosen[:20], options.inputs))
    print(rows[-1])
    record(rows)


if __name__ == "__main__":
    main()
