"""What law prescribes letter for letter: title, headings and sentences of the contract summary. These words are not ours to change.

Source: Commission Implementing Regulation (EU) 2019/2243 of 17 December 2019, Annex (OJ L 336, 30.12.2019, p. 274; CELEX 32019R2243).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

CELEX = "32019R2243"


@dataclass(frozen=True)
class SummaryWords:
    """The regulation's words in one language, in its order. `is_verified`: whether they were held against that edition."""

    title: str
    sentences: tuple[str, str, str]
    services: str
    speeds: str
    price: str
    duration: str
    disabilities: str
    other: str
    is_verified: bool

    @property
    def headings(self) -> tuple[str, ...]:
        """In the order in which the regulation has them. Above them the provider stands without one."""
        return (self.services, self.speeds, self.price, self.duration, self.disabilities, self.other)


SUMMARY: Mapping[str, SummaryWords] = MappingProxyType(
    {
        "sv": SummaryWords(
            "Avtalssammanfattning",
            (
                "Denna avtalssammanfattning omfattar de viktigaste delarna av tjänsteerbjudandet i enlighet med EU-lagstiftningen.",
                "Den underlättar jämförelser mellan olika tjänsteerbjudanden.",
                "Den fullständiga informationen om tjänsten finns i andra dokument.",
            ),
            "Tjänster och utrustning",
            "Internettjänstens hastighet samt rättsmedel vid problem",
            "Pris",
            "Löptid, förlängning och uppsägning",
            "Funktioner för slutanvändare med funktionsnedsättning",
            "Annan relevant information",
            is_verified=True,
        ),
        # The Danish edition could not be read when this was written. A seller on that market holds these words against it,
        # corrects them here, and says so; until then ./run cli doctor warns.
        "da": SummaryWords(
            "Aftaleresumé",
            (
                "Dette aftaleresumé indeholder hovedelementerne i dette tjenestetilbud, sådan som EU-retten kræver.",
                "Det gør det lettere at sammenligne tjenestetilbud.",
                "De fuldstændige oplysninger om tjenesten findes i andre dokumenter.",
            ),
            "Tjenester og udstyr",
            "Internettjenestens hastighed og afhjælpning ved problemer",
            "Pris",
            "Varighed, fornyelse og opsigelse",
            "Funktioner for slutbrugere med handicap",
            "Andre relevante oplysninger",
            is_verified=False,
        ),
    }
)
"""By language."""


def unverified(languages: Iterable[str]) -> tuple[str, ...]:
    """Those of the languages whose words were never held against the regulation's own edition."""
    return tuple(sorted({each for each in languages if each in SUMMARY and not SUMMARY[each].is_verified}))
