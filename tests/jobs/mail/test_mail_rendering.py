"""Every mail says the same as HTML and as text, in both languages, in the seller's name, whatever people are called."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import NOW, a_company, a_line, a_ported_line, a_porting, an_order
from tests.jobs.conftest import the_order, the_tenant
from tests.web.order_factories import said
from webapp.cli.checks import WRONG
from webapp.gateways.mail import Sender, Unmailable, build_mail
from webapp.jobs.mail.mail_rendering import Written, write
from webapp.l10n import Localizer
from webapp.operations.outbox import ALARMS, KINDS, Letter, due, signs_alone

TAG = re.compile(r"<[^>]+>")
TENANT = the_tenant()


def a_letter(kind: str, language: str = "sv", **more: object) -> Letter:
    """A mail of that kind about the usual order."""
    order = the_order(TENANT, language=language)
    facts: dict[str, object] = {
        "order": order,
        "line": order.lines[0],
        "number": "070-174 06 05",
        "moves": True,
        "signs_alone": False,
    }
    if kind == "reset":
        facts = {"name": "Gösta Malmström", "token": "x" * 43, "expires_at": NOW}
    if kind in ALARMS:
        facts = {
            "ref": "PT-7K4Q-2M",
            "raised_at": NOW,
            "cause": "key.expired",
            "number": "PT-7K4Q-2M-1",
            "faults": ["hash"],
        }
    letter = Letter(kind, "PT-7K4Q-2M/1", "gosta@granit.example", language, TENANT, "c1", "PT-7K4Q-2M", 1, facts)
    return replace(letter, **more)  # type: ignore[arg-type]


def words_of(markup: str) -> str:
    body = markup[markup.index("<body") :]
    return " ".join(html.unescape(TAG.sub(" ", body)).split())


@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_bodies_say_the_same_in_the_readers_language(kind: str, language: str) -> None:
    written = write(a_letter(kind, language))
    text, markup = written.text, words_of(written.html)
    for paragraph in text.split("\n--\n")[0].split("\n\n"):
        for line in paragraph.splitlines():
            sentence = line.strip().removesuffix(":")
            if not sentence.startswith("http"):
                for part in re.split(r"^\d+\. |: ", sentence):
                    assert " ".join(part.split()) in markup, part
    assert markup.startswith(TENANT.name) and f'lang="{language}"' in written.html
    assert said(language, "Kind regards") in text
    assert "skylt" not in (text + written.html + written.subject).lower()
    english = ("Kind regards", "Hello", "We have", "Your ", "Welcome to", "Choose ", "has ordered")
    assert not [word for word in english if word in text + written.subject]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_fetches_nothing_and_leads_to_the_seller_alone(kind: str) -> None:
    written = write(a_letter(kind))
    assert not re.search(r"<(img|script|link|iframe)|url\(|@import|src=", written.html)
    for address in re.findall(r'https?://[^\s"<]+', written.html + written.text):
        assert address.startswith(TENANT.base_url + "/"), address


@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize(
    "cause", ["key.early", "key.missing", "timestamp.down", "trust.missing", "seal.invalid", "paper.unfit"]
)
def test_whatever_stands_in_the_way_of_a_seal_has_words(cause: str, language: str) -> None:
    facts = {"ref": "PT-7K4Q-2M", "raised_at": NOW, "cause": cause}
    text = write(a_letter("seal_trouble", language, facts=facts)).text
    assert f"({cause})" in text and text.count(cause) == 1 and "%" not in text and "Put " not in text


@pytest.mark.parametrize("language", ["sv", "da"])
def test_a_mail_about_a_damaged_paper_names_each_fault_in_words(language: str) -> None:
    """The code stands in brackets behind its words, for whoever is asked to help."""
    facts = {"number": "PT-7K4Q-2M-1", "ref": "PT-7K4Q-2M", "raised_at": NOW, "faults": list(WRONG)}
    text = write(a_letter("paper_damaged", language, facts=facts)).text
    unknown = Localizer(language).gettext("unknown cause")
    for code in WRONG:
        assert re.search(rf"\w \({code}\)", text), code
    assert unknown not in text and unknown != "unknown cause"


def test_the_esim_mail_holds_no_secret() -> None:
    assert "LPA:" not in (written := write(a_letter("esim"))).text and "LPA:" not in written.html


def test_the_orderer_is_told_that_nothing_is_left_to_do_or_what_is() -> None:
    moving = write(a_letter("order_received"))
    nothing, remains = said("sv", "You need not do anything more now."), said("sv", "One thing remains")
    assert remains in moving.text and nothing not in moving.text
    facts = a_letter("order_received").facts
    settled = write(a_letter("order_received", facts={**facts, "moves": False}))
    assert nothing in settled.text and remains not in settled.text


def test_whoever_signs_what_they_ordered_is_told_that_it_is_them() -> None:
    facts = a_letter("order_received").facts
    own = said("sv", "You sign the power of attorney yourself. Your personal link comes in a mail of its own.")
    assert own not in write(a_letter("order_received")).text
    assert own in write(a_letter("order_received", facts={**facts, "signs_alone": True})).text
    theirs = replace(a_ported_line(1), porting=replace(a_porting(), signer_email="GOSTA@granit.example", signers=()))
    assert signs_alone(an_order(theirs, tenant=TENANT)) and not signs_alone(an_order(a_ported_line(1), tenant=TENANT))


@pytest.mark.parametrize(("pbx", "speaks"), [("standalone", False), ("pbx", True), ("", True)])
def test_the_welcome_speaks_of_the_pbx_to_those_only_who_are_in_it(pbx: str, speaks: bool) -> None:
    facts = a_letter("welcome").facts
    line = a_line(answers={"kind": "mobile", **({"pbx": pbx} if pbx else {})})
    written = write(a_letter("welcome", facts={**facts, "line": line}))
    for text in (written.text, written.html):
        assert ("Provväxeln" in text) == speaks


def test_the_welcome_names_the_telephony_product_and_how_to_sign_in() -> None:
    written = write(a_letter("welcome"))
    sign_in = said("sv", "Sign in to %(product)s", product="Provväxeln")
    assert sign_in in written.text and "Öppna appen Provväxeln." in written.text
    assert said("sv", "Your number is %(number)s.", number="070-174 06 05") in written.text
    bare = replace(TENANT, welcome=replace(TENANT.welcome, product="", sign_in={}))
    assert "Provväxeln" not in write(a_letter("welcome", tenant=bare)).text


@pytest.mark.parametrize(
    ("mode", "answer", "mails"),
    [("always", "", 1), ("ask", "yes", 1), ("ask", "", 0), ("ask", "no", 0), ("never", "yes", 0)],
)
def test_who_is_welcomed_is_the_tenants_choice_or_the_customers(mode: str, answer: str, mails: int) -> None:
    tenant = replace(TENANT, welcome=replace(TENANT.welcome, mode=mode))
    line = a_line(answers={"kind": "mobile", "welcome": answer} if answer else {"kind": "mobile"})
    found = due(an_order(line, a_ported_line(2, user_email=""), tenant=tenant), tenant)
    assert [each.kind for each in found].count("welcome") == mails
    assert found[0].kind == "order_received" and found[0].to == "gosta@granit.example"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=60).filter(str.strip), st.sampled_from(("order_received", "welcome", "esim")))
def test_whatever_people_are_called_the_mail_has_one_recipient(name: str, kind: str) -> None:
    order = the_order(TENANT, company=a_company(name=name), ordered_by=name, reference=name)
    line = replace(
        order.lines[0], user_name=name, plan_name=name, answers={**order.lines[0].answers, "user.first": name}
    )
    letter = a_letter(kind, facts={"order": order, "line": line, "number": "", "moves": False, "signs_alone": False})
    written: Written = write(letter)
    assert "<script" not in written.html.lower()
    try:
        mail = build_mail(
            sender=Sender("Provtele", TENANT.mail.address, TENANT.mail.reply_to), to=letter.to, subject=written.subject,
            text=written.text, html=written.html, language="sv", message_id=letter.message_id, now=NOW,
        )  # fmt: skip
    except Unmailable:
        return
    read = message_from_bytes(bytes(mail), policy=policy.default)
    assert str(read["To"]) == letter.to and not read.get_all("Bcc") and not read.get_all("Cc")
    assert "\n" not in str(read["Subject"]) and read["Message-ID"] == letter.message_id


def test_a_mail_keeps_its_id_and_no_two_share_one() -> None:
    first = a_letter("welcome")
    assert first.message_id == a_letter("welcome").message_id
    others = [a_letter("esim"), replace(first, id="PT-7K4Q-2M/2"), replace(first, tenant=replace(TENANT, slug="annan"))]
    assert len({first.message_id, *(other.message_id for other in others)}) == 4


def test_a_name_from_right_to_left_turns_nothing_around_in_a_mail() -> None:
    written = write(a_letter("reset", facts={"name": "محمد", "token": "x" * 43, "expires_at": NOW}))
    assert "\u2068محمد\u2069" in written.text and "<bdi>محمد</bdi>" in written.html
