"""Text messages over real HTTP: taken once however often asked, every failure told as lasting or passing, and nothing personal in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import a_tenant
from webapp.domain.market import DENMARK, SWEDEN
from webapp.gateways import sms
from webapp.gateways.errors import Permanent, Temporary
from webapp.gateways.sms import SmsServer, Unsendable, length, send
from webapp.gateways.sms_standin import Fault, SmsStandin
from webapp.jobs.signing.text_messages import code_text

TO, TEXT = "+46701740680", "Koden är 123456."


@pytest.fixture
def phones(tmp_path: Path) -> Iterator[SmsStandin]:
    with SmsStandin(tmp_path / "sms", "hush") as standin:
        yield standin


def server(phones: SmsStandin, token: str = "hush", seconds: float = 5) -> SmsServer:
    return SmsServer(f"{phones.url}/messages", token, seconds)


def test_a_message_arrives_as_it_was_written(phones: SmsStandin) -> None:
    taken = send(server(phones), TO, "Baeltkom", TEXT, "code-1")
    (message,) = phones.messages()
    assert {**message, "sent_at": ""} == {
        "to": TO, "from": "Baeltkom", "text": TEXT, "id": taken, "key": "code-1", "sent_at": "",
    }  # fmt: skip


def test_a_message_is_sent_once_however_often_it_is_asked_for(phones: SmsStandin, tmp_path: Path) -> None:
    first = send(server(phones), TO, "Baeltkom", TEXT, "code-1")
    assert send(server(phones), TO, "Baeltkom", TEXT, "code-1") == first
    phones.fault = "lost"
    with pytest.raises(Temporary):
        send(server(phones), TO, "Baeltkom", "Koden är 654321.", "code-2")
    phones.fault = "none"
    send(server(phones), TO, "Baeltkom", "Koden är 654321.", "code-2")
    assert [each["key"] for each in phones.messages()] == ["code-1", "code-2"]
    with SmsStandin(tmp_path / "sms", "hush") as again:  # a stand-in that was started anew remembers
        assert send(server(again), TO, "Baeltkom", TEXT, "code-1") == first


@pytest.mark.parametrize(
    ("fault", "told", "code"),
    [
        ("refuse", Permanent, "sms.refused: HTTP 422"),
        ("moved", Permanent, "sms.refused: HTTP 307"),
        ("huge", Permanent, "sms.too_large"),
        ("packed", Permanent, "sms.too_large"),
        ("500", Temporary, "sms.refused: HTTP 500"),
        ("429", Temporary, "sms.refused: HTTP 429"),
        ("hang_up", Temporary, "sms.down"),
        ("garbage", Temporary, "sms.garbled"),
    ],
)
def test_every_failure_is_told_for_what_it_is(
    phones: SmsStandin, fault: Fault, told: type[Exception], code: str
) -> None:
    phones.fault = fault
    with pytest.raises(told) as failed:
        send(server(phones), TO, "Baeltkom", TEXT, "code-1")
    assert str(failed.value) == code and failed.value.__cause__ is None
    assert phones.asked == 1 and not phones.messages()


def test_a_silent_gateway_is_not_waited_for(phones: SmsStandin) -> None:
    phones.fault = "hang"
    started = time.monotonic()
    with pytest.raises(Temporary, match=r"sms\.slow"):
        send(server(phones, seconds=0.3), TO, "Baeltkom", TEXT, "code-1")
    assert time.monotonic() - started < 30, "the server holds it for a minute"


def test_a_gateway_that_is_away_or_does_not_know_us(phones: SmsStandin) -> None:
    with pytest.raises(Temporary, match="HTTP 401"):
        send(server(phones, token="other"), TO, "Baeltkom", TEXT, "code-1")
    phones.stop()
    with pytest.raises(Temporary, match=r"sms\.down"):
        send(server(phones), TO, "Baeltkom", TEXT, "code-1")
    with pytest.raises(Permanent, match=r"sms\.none"):
        send(SmsServer(""), TO, "Baeltkom", TEXT, "code-1")
    assert "hush" not in repr(server(phones))


@pytest.mark.parametrize(
    ("to", "sender", "text", "named"),
    [
        ("0701740680", "Baeltkom", TEXT, "to"),
        ("+46701740680\n", "Baeltkom", TEXT, "to"),
        ("+４６701740680", "Baeltkom", TEXT, "to"),
        (TO, "Bæltkom", TEXT, "from"),
        (TO, "12345", TEXT, "from"),
        (TO, "Selvbetjening", TEXT, "from"),
        (TO, "Baeltkom", "", "text"),
        (TO, "Baeltkom", "x" * 161, "text"),
        (TO, "Baeltkom", "€" * 81, "text"),
        (TO, "Baeltkom", "Koden är “123456”", "text"),
    ],
)
def test_what_is_no_text_message_is_not_sent(phones: SmsStandin, to: str, sender: str, text: str, named: str) -> None:
    with pytest.raises(Unsendable, match=f"^{named}$"):
        send(server(phones), to, sender, text, "code-1")
    assert not phones.asked


# --- The text that carries a code


def test_a_code_reads_like_a_person_wrote_it() -> None:
    swedish = a_tenant(SWEDEN, name="Fjällton", hosts=("bestall.fjallton.example",))
    assert code_text(swedish, "sv", "123456") == (
        "Koden är 123456. Den gäller i 10 minuter och är till för fullmakten hos Fjällton. Lämna inte ut den till någon\n"
        "@bestall.fjallton.example #123456"
    )
    danish = a_tenant(DENMARK, name="Bæltkom", hosts=("selvbetjening.baeltkom.example",))
    assert code_text(danish, "da", "123456") == (
        "Koden er 123456. Den gælder i 10 minutter og bruges til fuldmagten hos Bæltkom. Del den ikke med andre\n"
        "@selvbetjening.baeltkom.example #123456"
    )


@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize("name", ["F", "Šibenik Télécom", "Nordiska Kommunikationsaktiebolaget i Sundsvall", "電話 AB"])
@pytest.mark.parametrize("host", ["f.se", "a" * 40 + ".example", "a" * 60 + "." + "b" * 60 + ".example"])
def test_a_code_fits_one_message_whoever_sells(language: str, name: str, host: str) -> None:
    text = code_text(a_tenant(SWEDEN, name=name, hosts=(host,)), language, "123456")
    assert 0 < length(text) <= sms.LONGEST
    assert "123456" in text.splitlines()[0]
    assert len(text.splitlines()) == 1 or text.splitlines()[-1] == f"@{host} #123456", "never half a host"
