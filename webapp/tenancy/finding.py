"""What is wrong with a tenant's folder, told so that a person can put it right: place, what, why, how; knows no check by itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from webapp.tenancy.finding_texts import WORDS


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to put right. `file` begins with the tenants folder's name; `line` 0 means the file as a whole."""

    file: str
    line: int
    key: str
    severity: str  # "error": the folder is not published | "warning"
    code: str
    what: str
    why: str
    how: str
    did_you_mean: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the folder cannot be published because of it."""
        return self.severity == "error"


@dataclass(frozen=True)
class Place:
    """Where in a folder something stands."""

    file: str
    key: str = ""
    line: int = 0


class Notes:
    """Collects the findings of one folder."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, code: str, place: Place, meant: str = "", /, **params: object) -> None:
        """One more finding; the same one is told once."""
        words = WORDS[code]
        finding = Finding(
            place.file,
            place.line,
            place.key,
            words.severity,
            code,
            words.what.format(**params),
            words.why.format(**params),
            words.how.format(**params),
            meant,
        )
        if finding not in self.findings:
            self.findings.append(finding)

    @property
    def has_errors(self) -> bool:
        """Whether anything found keeps the folder from being published."""
        return any(finding.is_error for finding in self.findings)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty when none is near."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""
