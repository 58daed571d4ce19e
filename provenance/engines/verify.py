"""What `verify` answers: a dataset, a proof, or a proof against a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provenance import reasons
from provenance.emit.canonical import canonical_json
from provenance.emit.proof import Proof, is_hash
from provenance.emit.signature import load_public_key
from provenance.engines.finding import Finding
from provenance.engines.integrity import Checked, check_dataset
from provenance.errors import InputError, Problem
from provenance.report.printable import printable
from provenance.report.terminal import count, table


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what is wrong. dataset, document: None when not asked for."""

    out: Path | None
    dataset: Checked | None
    document: Mapping[str, Any] | None
    findings: tuple[Finding, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing wrong was found."""
        return not self.findings

    def text(self) -> str:
        """What was checked, then every finding, for a terminal."""
        lines = [*self._dataset(), *self._document()]
        lines.append(count(len(self.findings), "finding") if self.findings else "nothing is wrong")
        rows = [(f.where, f.code, f"{reasons.FINDING[f.code]}: {f.what}") for f in self.findings]
        findings = table(("where", "finding", "what"), rows, left=3)
        return printable("\n".join([*lines, *filter(None, [findings])]))

    def json(self) -> str:
        """The same as canonical JSON."""
        return canonical_json(
            {
                "is_intact": self.is_intact,
                "findings": [asdict(finding) for finding in self.findings],
                "files": self.dataset and self.dataset.files,
                "decisions": self.dataset and self.dataset.decisions,
                "root": self.dataset and self.dataset.root,
                "signature": self.dataset and self.dataset.signature,
                "document": self.document,
            }
        )

    def _dataset(self) -> list[str]:
        if self.dataset is None:
            return []
        one = self.dataset
        return [
            f"{self.out}: {count(one.files, 'file')}, {count(one.decisions, 'decision')}",
            f"Merkle root {one.root}",
            f"signature: {one.signature}",
        ]

    def _document(self) -> list[str]:
        if self.document is None:
            return []
        one = self.document
        why = f" ({', '.join(one['reasons'])})" if one["reasons"] else ""
        return [f"proof: {one['url']} (doc_id {one['doc_id']}): {one['decision']}{why}"]


def verify_all(
    out: Path | None, *, proof: Path | None, root: str | None, key: Path | None
) -> Verification:
    """Everything wrong with a dataset, a proof, or both. Raises InputError."""
    _check_request(out, proof=proof, root=root, key=key)
    given = Proof.read(proof) if proof else None
    checked = check_dataset(out, key=load_public_key(key) if key else None) if out else None
    findings = list(checked.findings) if checked else []
    if checked and root and checked.root != root:
        what = f"the manifest states root {checked.root}; the root given is {root}"
        findings.append(Finding("manifest.json", "edited_manifest", what))
    known = root or (checked.root if checked else None)
    if given and known and (fault := given.fault(known)):
        findings.append(Finding(str(proof), "forged_proof", fault))
    return Verification(out, checked, given.document if given else None, tuple(findings))


def _check_request(
    out: Path | None, *, proof: Path | None, root: str | None, key: Path | None
) -> None:
    problems = []
    if out is None and (proof is None or root is None):
        accepted = "a dataset; or --proof with --root"
        problems.append(Problem("verify", "nothing to check was given", accepted=accepted))
    if out is None and key is not None:
        problems.append(Problem("--key", "there is no dataset whose signature could be checked"))
    if root is not None and not is_hash(root):
        problems.append(Problem("--root", f"is {root!r}", accepted="64 lower-case hex digits"))
    if problems:
        raise InputError(problems)
