"""What rides inside a paper besides its own data; knows neither printing nor where the bytes come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.texts import msg
from webapp.l10n import Localizer


@dataclass(frozen=True)
class Attached:
    """A file inside a PDF/A-3. `relationship` is what it is to the paper: Source, Data, Supplement."""

    name: str
    content: bytes
    description: str
    relationship: str


def signed_files(
    paper: PowerOfAttorney, shown: bytes, words: Localizer, scans: Mapping[str, bytes] | None = None
) -> tuple[Attached, ...]:
    """What a signed power of attorney carries: its evidence, the exact bytes that were shown, and scans by file name."""
    of = paper.number
    evidence = Attached(
        f"{of}-{words.gettext(EVIDENCE)}.json",
        paper.evidence.encode(),
        words.gettext(msg("The evidence in machine-readable form")),
        "Supplement",
    )
    source = Attached(
        f"{of}-{words.gettext(SHOWN)}.pdf",
        shown,
        words.gettext(msg("Exactly what was shown to those who signed")),
        "Source",
    )
    by_hand = words.gettext(msg("The paper that was signed by hand, scanned"))
    return (
        evidence,
        source,
        *(Attached(name, content, by_hand, "Supplement") for name, content in (scans or {}).items()),
    )


EVIDENCE, SHOWN = msg("evidence"), msg("as-shown")
"""What the files are called, after the number of the paper."""
