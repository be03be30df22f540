"""What regulation (EU) 2019/2243 prescribes for the contract summary is kept letter for letter, and told where it could not be compared."""

from __future__ import annotations

import polib
import pytest

from tests.builders import a_tenant
from webapp.domain.market import DENMARK, SWEDEN
from webapp.domain.ordering.statutory_texts import SUMMARY
from webapp.operations.desk import diagnosis
from webapp.settings import ROOT

SWEDISH = """
Avtalssammanfattning
Denna avtalssammanfattning omfattar de viktigaste delarna av tjänsteerbjudandet i enlighet med EU-lagstiftningen.
Den underlättar jämförelser mellan olika tjänsteerbjudanden.
Den fullständiga informationen om tjänsten finns i andra dokument.
Tjänster och utrustning
Internettjänstens hastighet samt rättsmedel vid problem
Pris
Löptid, förlängning och uppsägning
Funktioner för slutanvändare med funktionsnedsättning
Annan relevant information
"""
"""The Annex of the regulation, OJ L 336, 30.12.2019, p. 274 (CELEX 32019R2243), as Swedish operators publish it."""

pytestmark = pytest.mark.check


def test_the_swedish_words_are_the_regulations_letter_for_letter() -> None:
    law = SUMMARY["sv"]
    assert law.is_verified
    assert [law.title, *law.sentences, *law.headings] == SWEDISH.strip().split("\n")


@pytest.mark.parametrize("language", ["sv", "da"])
def test_no_catalogue_words_them_again(language: str) -> None:
    """A second wording would be shown some day instead."""
    entries = polib.pofile(str(ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"))
    law = SUMMARY[language]
    longer = {*law.sentences, *law.headings} - {law.price}
    assert not longer & {entry.msgstr for entry in entries}


def test_the_doctor_tells_of_words_that_were_not_compared() -> None:
    assert list(diagnosis.prescribed([a_tenant(market=SWEDEN, languages=("sv",))])) == []
    (sign,) = diagnosis.prescribed([a_tenant(market=DENMARK, languages=("da", "sv"))])
    assert sign.grade == "warning" and "'da'" in sign.text and "2019/2243" in sign.text
