"""The doctor looks at each seal: whether it can be read, how long it lasts, whose it is, and who says the time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.builders import a_tenant
from tests.documents.sealing import HOLDERS, NOW, PASSWORD, keyring
from webapp.domain.tenants.tenant import SigningTerms
from webapp.operations.desk import diagnosis
from webapp.operations.papers.document_verification import Seals


def grades(seals: Seals, *names: str, mode: str = "demo", at: timedelta = timedelta(), url: str = "") -> dict[str, str]:
    """What is said of each thing, by name."""
    sellers = [a_tenant(signing=SigningTerms(seal_key=name)) for name in names or HOLDERS]
    return {sign.name: sign.grade for sign in diagnosis.sealing(seals, sellers, url, mode, NOW + at)}


def test_a_good_key_a_short_one_and_one_that_has_ended() -> None:
    seals = Seals(keyring().place, PASSWORD)
    years = timedelta(days=3 * 365)
    assert grades(seals)["seal fjallton"] == "ok"
    assert grades(seals, at=years - timedelta(days=29))["seal fjallton"] == "warning"
    assert grades(seals, at=years)["seal fjallton"] == "bad"


def test_a_key_that_is_not_there_or_cannot_be_read() -> None:
    assert grades(Seals(keyring().place, PASSWORD), "fjallton", "gone") | {} == {
        "seals": "ok", "seal fjallton": "ok", "seal gone": "bad", "timestamps": "warning",
    }  # fmt: skip
    assert grades(Seals(keyring().place, "hemligt"))["seal fjallton"] == "bad"


def test_nobody_to_believe_is_bad_and_said_alone(tmp_path: Path) -> None:
    assert grades(Seals(tmp_path)) == grades(Seals()) == {"seals": "bad"}


def test_the_demos_own_keys_are_none_for_production() -> None:
    assert grades(Seals(keyring().place, PASSWORD), mode="production")["seals"] == "bad"


def test_an_authority_makes_no_warning() -> None:
    assert grades(Seals(keyring().place, PASSWORD), url="https://tid.example/")["timestamps"] == "ok"
