"""The one way to a mail lets nobody smuggle in a header or a recipient, and tells lasting refusals from passing ones."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from webapp.domain.numbers import read_email
from webapp.domain.problem import Invalid
from webapp.gateways import mail
from webapp.gateways.mail import (
    Attachment,
    NoSuchAddress,
    Permanent,
    Sender,
    Server,
    Temporary,
    Unmailable,
    build_mail,
    send,
)
from webapp.gateways.mail_standin import MailStandin

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = Sender("Fjällton", "no-reply@fjallton.example", "support@fjallton.example")


def a_mail(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "sender": SENDER,
        "to": "anna@granit.example",
        "subject": "Vi har tagit emot er beställning FJ-7K4Q-2M",
        "text": "Hej Anna!\n\nTack.\n",
        "html": "<p>Hej Anna!</p>",
        "language": "sv",
        "message_id": "<abc@fjallton.example>",
        "now": NOW,
    }
    return build_mail(**{**values, **changes})


def test_a_mail_arrives_as_it_was_written(mailbox: MailStandin) -> None:
    send(Server("127.0.0.1", mailbox.port), a_mail(attachments=(Attachment("papper.pdf", b"%PDF-1.7 \xff"),)))
    (caught,) = mailbox.mails()
    assert caught["to"] == "anna@granit.example"
    assert caught["subject"] == "Vi har tagit emot er beställning FJ-7K4Q-2M"
    assert caught["text"].startswith("Hej Anna!") and "<p>Hej Anna!</p>" in caught["html"]
    headers = caught["headers"]
    assert headers["Message-ID"] == "<abc@fjallton.example>" and headers["Auto-Submitted"] == "auto-generated"
    assert (
        headers["From"] == "Fjällton <no-reply@fjallton.example>" and headers["Reply-To"] == "support@fjallton.example"
    )
    assert not {"Bcc", "Cc"} & set(headers) and not [name for name in headers if name.startswith("List-")]
    (eml,) = mailbox.folder.glob("*.eml")
    assert eml.read_bytes().isascii()


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hej\r\nBcc: eva@example.com"},
        {"subject": "Hej\nX: y"},
        {"subject": "=?utf-8?q?Hej?="},
        {"subject": "Hej\u202egnp.exe"},
        {"subject": "Hej\u2028du"},
        {"subject": ""},
        {"subject": "x" * 300},
        {"to": "a@example.com, b@example.com"},
        {"to": "a@example.com\r\nBcc: b@example.com"},
        {"to": "Anna <a@example.com>"},
        {"to": "a b@example.com"},
        {"to": '"a,b"@example.com'},
        {"to": "a@@example.com"},
        {"to": "=?utf-8?q?a?=@example.com"},
        {"to": ""},
        {"sender": Sender("Fjäll\r\nton", SENDER.address, SENDER.reply_to)},
        {"sender": Sender("=?utf-8?b?eA==?=", SENDER.address, SENDER.reply_to)},
        {"message_id": "<a@b>\r\nX: y"},
        {"attachments": (Attachment("räkning.pdf", b""),)},
        {"attachments": (Attachment('a".pdf', b""),)},
    ],
)
def test_what_could_become_another_header_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Unmailable):
        a_mail(**changes)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=120), st.sampled_from(["subject", "to", "name"]))
@example("Ärende " * 20, "subject")
@example("Å" * 150, "name")
def test_whatever_is_written_there_stays_one_recipient_and_one_subject(text: str, field: str) -> None:
    try:
        built = (
            a_mail(sender=Sender(text, SENDER.address, SENDER.reply_to)) if field == "name" else a_mail(**{field: text})
        )
    except Unmailable:
        return
    read = message_from_bytes(bytes(built), policy=policy.default)
    assert len(read.get_all("To", [])) == 1 and len(read["To"].addresses) == 1
    assert len(read["From"].addresses) == 1 and read["From"].addresses[0].addr_spec == SENDER.address
    assert not read.get_all("Bcc") and not read.get_all("Cc")
    assert len(read.get_all("Subject", [])) == 1 and "\n" not in str(read["Subject"])
    assert set(read.keys()) == set(a_mail().keys())


def test_a_foreign_letter_in_a_domain_is_written_as_the_net_knows_it() -> None:
    assert a_mail(to="anna@räksmörgås.example")["To"] == "anna@xn--rksmrgs-5wao1o.example"


_LOCAL = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~.-", min_size=1, max_size=64)
_DOMAIN = st.lists(st.text("abc019-åäöæøß", min_size=1, max_size=20), min_size=1, max_size=4).map(".".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_LOCAL, _DOMAIN)
@example("fullmakt=flytt", "a")
@example("drift?nord", "a")
@example("a" * 64, ".".join(["b" * 20] * 4))
@example("anna", "blåbärsskogen")
def test_what_a_form_takes_can_be_mailed_to(local: str, domain: str) -> None:
    try:
        address = read_email(f"{local}@{domain}.example")
    except Invalid:
        return
    assert read_email(address) == address
    read = message_from_bytes(bytes(a_mail(to=address)), policy=policy.default)
    assert [each.addr_spec for each in read["To"].addresses] == [address]


def test_the_standin_always_refuses_one_domain(mailbox: MailStandin) -> None:
    for address in ("eva@refused.example", "Eva@Refused.Example"):
        with pytest.raises(Permanent):
            send(Server("127.0.0.1", mailbox.port), a_mail(to=address))
    send(Server("127.0.0.1", mailbox.port), a_mail(to="eva@notrefused.example"))
    assert [each["to"] for each in mailbox.mails()] == ["eva@notrefused.example"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refuse", NoSuchAddress),
        ("rcpt 554", NoSuchAddress),
        ("data 554", Permanent),
        ("451", Temporary),
        ("hang", Temporary),
    ],
)
def test_a_refusal_is_told_from_a_delay(
    mailbox: MailStandin, monkeypatch: pytest.MonkeyPatch, fault: Any, error: type[Exception]
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 1)
    mailbox.fault = fault
    with pytest.raises(error) as told:
        send(Server("127.0.0.1", mailbox.port), a_mail())
    assert "anna" not in str(told.value)  # no personal data in what is logged
    assert mailbox.mails() == []


def test_a_server_that_is_away_is_a_delay() -> None:
    with pytest.raises(Temporary):
        send(Server("127.0.0.1", 1), a_mail())
