"""Mails about signing say the same as HTML and as text in both languages, whatever people are called and however many numbers move."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.builders import NOW
from tests.jobs.mail.test_mail_rendering import TENANT, words_of
from tests.web.order_factories import said
from webapp.domain.porting.porting_day import Deadline
from webapp.jobs.mail.mail_rendering import Written, write
from webapp.operations.outbox import Letter
from webapp.operations.signing import signing_mails
from webapp.operations.signing.signing_mails import KINDS, TEMPLATES

LINK = f"{TENANT.base_url}/sign/{'x' * 43}"
FACTS = {
    "name": "Gösta Malmström",
    "customer": "Granit & Gran AB",
    "signer": "Eva Ek",
    "signers": "Eva Ek, Åsa Ö",
    "email": "eva@granit.example",
    "reason": "",
    "not_me": False,
    "is_of_one_number": True,
    "others_wait": False,
    "ref": "PT-7K4Q-2M",
    "page": "/orders/PT-7K4Q-2M/lines/1/signing",
    "numbers": "070-174 06 80",
    "all_numbers": ["070-174 06 80"],
    "link": LINK,
    "until": NOW.date() + timedelta(days=14),
    "deadline": None,
    "reminder": False,
    "why": "withdrawn",
    "has_signed": False,
    "code": "123456",
    "minutes": 10,
}
OTHERWISE = {
    "sign_request": {
        "reminder": True,
        "deadline": Deadline(NOW.date(), NOW.date() + timedelta(days=7), is_past=False),
        "numbers": "2 nummer",
        "all_numbers": ["070-174 06 80", "070-174 06 81"],
    },
    "sign_declined": {"not_me": True, "reason": "<b>Nej</b> tack"},
    "sign_over": {"why": "replaced", "has_signed": True},
}
EVERY = sorted({"sign_request", "sign_code", "sign_copy", "sign_over", *TEMPLATES.values()})


def written(template: str, language: str, **more: object) -> Written:
    facts = {**FACTS, **more}
    return write(
        Letter("sign_news", "x", "gosta@granit.example", language, TENANT, "c1", "PT-7K4Q-2M", 1, facts, template)
    )


@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize("template", EVERY)
def test_both_bodies_say_the_same_in_the_readers_language(template: str, language: str, other: bool) -> None:
    mail = written(template, language, **(OTHERWISE.get(template, {}) if other else {}))
    markup = words_of(mail.html)
    for line in mail.text.split("\n--\n")[0].splitlines():
        sentence = line.strip().removesuffix(":")
        if not sentence.startswith("http"):
            for part in re.split(r"^\d+\. |: ", sentence):
                assert " ".join(part.split()) in markup, part
    english = ("Kind regards", "Hello", "power of attorney", "number", "sign ", "link that", "Reason")
    assert not [word for word in english if word in mail.text + mail.subject], mail.text
    assert "<b>" not in mail.html
    for address in re.findall(r'https?://[^\s"<]+', mail.html + mail.text):
        assert address.startswith(TENANT.base_url + "/"), address


def test_only_the_signer_gets_the_link_and_only_the_signer_the_code() -> None:
    for template in EVERY:
        mail = written(template, "sv")
        assert (LINK in mail.text) == (template == "sign_request")
        assert ("123456" in mail.text + mail.subject) == (template == "sign_code")
        assert "123456" not in mail.subject  # it would stand on a locked screen


def test_every_kind_has_its_words() -> None:
    assert len(KINDS) == len(set(KINDS))
    letter = Letter("sign_copy", "x", "a@b.example", "sv", TENANT, facts=FACTS)
    assert write(letter).subject == write(replace(letter, template="signed")).subject


@pytest.mark.parametrize("reminder", [False, True])
def test_the_first_mail_and_reminders_say_until_when_the_wished_day_can_be_kept(reminder: bool) -> None:
    day = NOW.date()
    in_time = Deadline(day, day + timedelta(days=7), is_past=False)
    said = written("sign_request", "sv", reminder=reminder, deadline=in_time).text
    assert "Skriv under senast den 21 november 2026, så att flytten kan ske den 28 november 2026." in said
    late = written("sign_request", "da", reminder=reminder, deadline=replace(in_time, is_past=True)).text
    assert "Vi kan ikke længere nå at flytte nummeret den 28. november 2026." in late and "senest" not in late


@pytest.mark.parametrize("has_signed", [False, True])
@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("declined", "har valt att inte göra det"),
        ("not_me", "kom till fel person"),
        ("replaced", "Uppgifterna i fullmakten har rättats"),
        ("withdrawn", "Granit & Gran AB har återkallat sin begäran"),
    ],
)
def test_who_need_not_sign_any_more_is_told_why_and_what_becomes_of_a_signature(
    why: str, said: str, has_signed: bool
) -> None:
    mail = written("sign_over", "sv", why=why, has_signed=has_signed)
    assert said in mail.text and ("Granit" in mail.text) == (why == "withdrawn")
    assert ("gäller inte längre" in mail.subject and "underskriften gäller inte längre" in mail.text) == has_signed
    assert ("får du en ny länk" in mail.text) == (why != "withdrawn")


@pytest.mark.parametrize(
    ("language", "told", "button"),
    [
        ("sv", "uppger sig inte vara Eva Ek", "Rätta e-postadressen"),
        ("da", "oplyser, at vedkommende ikke er Eva Ek", "Ret e-mailadressen"),
    ],
)
def test_a_mail_that_reached_the_wrong_person_asks_for_the_right_address(language: str, told: str, button: str) -> None:
    mail = written("sign_declined", language, not_me=True)
    assert told in mail.text and f"{button}:\n{TENANT.base_url}{FACTS['page']}" in mail.text
    assert not re.search(r"\bny fu", mail.text), "the paper stays, the address changes"


@pytest.mark.parametrize(("language", "said"), [("sv", "3 nummer"), ("da", "3 numre")])
def test_several_numbers_are_counted_in_the_subject(language: str, said: str) -> None:
    """A placeholder once stood there as it was."""
    moves = [SimpleNamespace(number=f"20 00 00 5{n}") for n in range(3)]
    paper: Any = SimpleNamespace(language=language, moves=moves)
    assert signing_mails.moving_numbers(paper)["numbers"] == said
    paper.moves = moves[:1]
    assert signing_mails.moving_numbers(paper)["numbers"] == "20 00 00 50"


@pytest.mark.parametrize("language", ["sv", "da"])
def test_sentences_fit_what_moves_and_what_is_left_to_do(language: str) -> None:
    for one in (True, False):
        text = written("sign_declined", language, is_of_one_number=one, not_me=False).text
        words = "leave the number where it is." if one else "leave the numbers where they are."
        assert said(language, f"Choose somebody else who may sign, or {words}") in text
    for wait in (True, False):
        text = written("signed", language, others_wait=wait).text
        assert (said(language, "You need not do anything more now.") in text) != wait
