"""Findings as text for people: the same words by command and at start-up."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.tenancy.finding import Finding


def report(findings: Iterable[Finding]) -> str:
    """All findings, one paragraph each: place, what; then why, how and what was probably meant."""
    return "\n".join(_paragraph(finding) for finding in findings)


def _paragraph(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    head = "  ".join(part for part in (place, finding.key, finding.severity.upper(), finding.what) if part)
    meant = f' Did you mean "{finding.did_you_mean}"?' if finding.did_you_mean else ""
    return f"{head}\n    {finding.why} {finding.how}{meant}\n"
