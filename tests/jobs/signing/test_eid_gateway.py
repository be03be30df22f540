"""Who somebody is, asked of a real OpenID provider over HTTP: three brokers' dialects, and every lie one can tell."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.builders import an_eid
from webapp import clock
from webapp.domain.signing.identity import Begun, Identity
from webapp.domain.tenants.tenant import Eid
from webapp.gateways.broker_profiles import DIALECTS, BrokerRefused
from webapp.gateways.eid import STANDIN_SECRET, Brokers, begin, finish
from webapp.gateways.eid_persons import PERSONS
from webapp.gateways.eid_standin import NO_NUMBER, EidStandin, Fault
from webapp.gateways.errors import Permanent, Temporary

BACK = "http://fjallton.localhost:8000/sign/eid"
ACR = {"idura": "urn:grn:authn:se:bankid", "signicat": "idp:mitid", "nets": "mitid_erhverv"}


@pytest.fixture(scope="module")
def provider() -> Iterator[EidStandin]:
    with EidStandin(lambda url: url == BACK) as standin:
        yield standin


@pytest.fixture(autouse=True)
def honest(provider: EidStandin) -> None:
    provider.fault = "none"
    provider.asked.clear()


def a_broker(provider: EidStandin, dialect: str = "idura", **changes: Any) -> Eid:
    eid, _ = Brokers(standin=provider.url).known(an_eid(dialect=dialect, acr=(ACR[dialect],), **changes))
    return eid


def started(eid: Eid, **more: Any) -> Begun:
    return begin(eid, STANDIN_SECRET, BACK, language="sv", **more)


def choose(begun: Begun, **choice: str) -> dict[str, str]:
    """What a browser comes back with."""
    page = httpx.get(begun.url)
    assert page.status_code == 200
    attempt = re.search(r'name="attempt" value="([^"]+)"', page.text)
    assert attempt
    back = httpx.post(begun.url, data={"attempt": attempt[1], **(choice or {"person": "asa"})})
    assert back.status_code == 303 and back.headers["Location"].startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}


def came_back(eid: Eid, begun: Begun, came: dict[str, str], later: timedelta = timedelta()) -> Identity:
    return finish(eid, STANDIN_SECRET, BACK, came["code"], begun, clock.now() + later)


# --- It works


@pytest.mark.parametrize(
    ("dialect", "provider_name", "acr", "given"),
    [
        ("idura", "BankID", "urn:grn:authn:se:bankid:same-device", "Åsa"),
        ("signicat", "MitID", "SUBSTANTIAL", "Åsa"),
        ("nets", "MitID Erhverv", "Substantial", ""),
    ],
)
def test_every_broker_tells_who_it_is(
    provider: EidStandin, dialect: str, provider_name: str, acr: str, given: str
) -> None:
    eid = a_broker(provider, dialect)
    begun = started(eid)
    came = choose(begun)
    assert came["state"] == begun.state
    found = came_back(eid, begun, came)
    assert (found.name, found.given_name, found.provider, found.acr) == ("Åsa Öberg", given, provider_name, acr)
    assert found.transaction and abs(clock.now() - found.auth_time) < timedelta(minutes=1)
    assert re.fullmatch(r"[0-9a-f]{64}", found.subject_hash)
    again = started(eid)
    assert came_back(eid, again, choose(again)).subject_hash == found.subject_hash, "the same person"
    other = started(eid)
    assert came_back(eid, other, choose(other, person="soren")).subject_hash != found.subject_hash


def test_the_browser_is_sent_with_all_that_binds_the_answer(provider: EidStandin) -> None:
    begun = started(a_broker(provider), message="Fullmakt för 070-174 06 80")
    where, asked = urlsplit(begun.url), parse_qs(urlsplit(begun.url).query)
    assert f"{where.scheme}://{where.netloc}" == provider.url
    challenge = urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
    assert asked["code_challenge"] == [challenge] and asked["code_challenge_method"] == ["S256"]
    assert asked["state"] == [begun.state] and asked["nonce"] == [begun.nonce] and asked["redirect_uri"] == [BACK]
    assert asked["acr_values"] == [ACR["idura"]] and asked["max_age"] == ["300"] and asked["prompt"] == ["login"]
    assert begun.verifier not in begun.url and STANDIN_SECRET not in begun.url
    assert "Fullmakt för 070-174 06 80" in httpx.get(begun.url).text
    assert min(len(each) for each in (begun.state, begun.nonce, begun.verifier)) >= 43
    assert begun.nonce not in repr(begun) and begun.verifier not in repr(begun)


def test_an_attempt_keeps_its_values_when_its_job_runs_twice(provider: EidStandin) -> None:
    eid = a_broker(provider)
    first = started(eid)
    second = started(eid, state=first.state, nonce=first.nonce, verifier=first.verifier)
    assert second == first
    assert parse_qs(urlsplit(started(a_broker(provider, "nets")).url).query)["idp_values"] == ["mitid_erhverv"]


def test_nobody_need_go_through_with_it(provider: EidStandin) -> None:
    begun = started(a_broker(provider))
    assert choose(begun, person="cancel") == {"error": "access_denied", "state": begun.state}


def test_a_name_stands_as_the_broker_writes_it(provider: EidStandin) -> None:
    eid = a_broker(provider)
    begun = started(eid)
    assert came_back(eid, begun, choose(begun, person="other", name="Žofie  van der Ærø")).name == "Žofie van der Ærø"
    begun = started(eid)
    with pytest.raises(BrokerRefused, match=r"eid\.name"):
        came_back(eid, begun, choose(begun, person="other", name="\u202eeva"))


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_national_numbers_end_in_the_mapper(
    provider: EidStandin, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    eid = a_broker(provider, dialect)
    begun = started(eid)
    found = came_back(eid, begun, choose(begun))
    assert NO_NUMBER not in repr(found) and NO_NUMBER not in caplog.text
    assert {each.name for each in fields(Identity)} == {
        "name", "given_name", "family_name", "provider", "acr", "auth_time", "subject_hash", "transaction",
    }  # fmt: skip


def test_keys_may_change_between_two_signers(provider: EidStandin) -> None:
    eid = a_broker(provider)
    begun = started(eid)
    came = choose(begun)
    provider.rotate()
    assert came_back(eid, begun, came).name == "Åsa Öberg"


# --- It is lied to


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("wrong_nonce", "eid.nonce"),
        ("wrong_aud", "eid.audience"),
        ("borrowed", "eid.audience"),
        ("wrong_iss", "eid.issuer"),
        ("expired", "eid.expired"),
        ("from_tomorrow", "eid.issued"),
        ("old_auth_time", "eid.auth_time"),
        ("no_auth_time", "eid.auth_time"),
        ("lower_acr", "eid.acr"),
        ("other_kid", "eid.signature"),
        ("forged", "eid.signature"),
        ("unsigned", "eid.signature"),
        ("symmetric", "eid.signature"),
        ("wrong_at_hash", "eid.garbled"),
    ],
)
@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_token_that_proves_nothing_is_refused(provider: EidStandin, dialect: str, fault: Fault, code: str) -> None:
    eid = a_broker(provider, dialect)
    begun = started(eid)
    came = choose(begun)
    provider.fault = fault
    with pytest.raises(BrokerRefused) as refused:
        came_back(eid, begun, came)
    assert refused.value.code == str(refused.value) == code


@pytest.mark.parametrize(
    ("fault", "code"), [("nameless", "eid.name"), ("other_subject", "eid.garbled"), ("wrong_nonce", "eid.nonce")]
)
def test_what_is_told_apart_from_the_token_is_held_against_it(provider: EidStandin, fault: Fault, code: str) -> None:
    eid = a_broker(provider, "nets")
    begun = started(eid)
    came = choose(begun)
    provider.fault = fault
    with pytest.raises(BrokerRefused, match=f"^{re.escape(code)}$"):
        came_back(eid, begun, came)


def test_an_eid_shown_six_minutes_ago_does_not_sign(provider: EidStandin) -> None:
    eid = a_broker(provider)
    begun = started(eid)
    came = choose(begun)
    with pytest.raises(BrokerRefused, match=r"eid\.(auth_time|expired)"):
        came_back(eid, begun, came, timedelta(minutes=6, seconds=30))


def test_what_is_accepted_may_have_other_words_than_what_is_asked(provider: EidStandin) -> None:
    eid = a_broker(provider, "signicat", accept=("SUBSTANTIAL", "HIGH"))
    begun = started(eid)
    assert came_back(eid, begun, choose(begun)).acr == "SUBSTANTIAL"
    strict = replace(eid, accept=("HIGH",))
    begun = started(strict)
    with pytest.raises(BrokerRefused, match=r"eid\.acr"):
        came_back(strict, begun, choose(begun))


@pytest.mark.parametrize(
    ("fault", "told", "code"),
    [
        ("lying_issuer", Permanent, "eid.discovery"),
        ("elsewhere", Permanent, "eid.discovery"),
        ("no_pkce", Permanent, "eid.discovery"),
        ("garbage", Permanent, "eid.garbled"),
        ("huge", Permanent, "eid.too_large"),
        ("moved", Permanent, "eid.refused: HTTP 302"),
        ("down", Temporary, "eid.refused: HTTP 503"),
        ("hang_up", Temporary, "eid.down"),
    ],
)
def test_a_broker_that_cannot_be_used(provider: EidStandin, fault: Fault, told: type[Exception], code: str) -> None:
    eid = a_broker(provider)
    begun = started(eid)
    came = choose(begun)
    provider.fault = fault
    for attempt in (lambda: started(eid), lambda: came_back(eid, begun, came)):
        provider.asked.clear()
        with pytest.raises(told, match=f"^{re.escape(code)}$") as failed:
            attempt()
        assert not isinstance(failed.value, BrokerRefused), "not the signer's doing"
        assert len(provider.asked) == 1, "nobody is followed anywhere"


def test_a_slow_broker_is_not_waited_for(provider: EidStandin) -> None:
    provider.fault = "slow"
    at = time.monotonic()
    with pytest.raises(Temporary, match=r"^eid\.slow$"):
        started(a_broker(provider), seconds=0.3)
    assert time.monotonic() - at < 30, "the broker holds it for a minute"


# --- The code


def test_a_code_is_used_once(provider: EidStandin) -> None:
    eid = a_broker(provider)
    begun = started(eid)
    came = choose(begun)
    came_back(eid, begun, came)
    with pytest.raises(BrokerRefused, match=r"^eid\.code$"):
        came_back(eid, begun, came)


@pytest.mark.parametrize("other", ["verifier", "redirect_uri", "client", "nonsense"])
def test_a_code_is_bound_to_its_attempt(provider: EidStandin, other: str) -> None:
    """Somebody who has caught a code has nothing."""
    eid = a_broker(provider)
    begun = started(eid)
    code = choose(begun)["code"]
    stolen = replace(begun, verifier="x" * 64) if other == "verifier" else begun
    thief = replace(eid, client_id="thief") if other == "client" else eid
    back = f"{BACK}/" if other == "redirect_uri" else BACK
    with pytest.raises(BrokerRefused, match=r"^eid\.code$"):
        finish(thief, STANDIN_SECRET, back, "x" if other == "nonsense" else code, stolen, clock.now())


@pytest.mark.parametrize("dialect", ["idura", "nets"])
def test_a_wrong_secret_is_ours_to_mend(provider: EidStandin, dialect: str) -> None:
    eid = a_broker(provider, dialect)
    begun = started(eid)
    came = choose(begun)
    with pytest.raises(Permanent, match=r"^eid\.client$") as failed:
        finish(eid, "wrong", BACK, came["code"], begun, clock.now())
    assert not isinstance(failed.value, BrokerRefused)


# --- Whom it may call


@pytest.mark.parametrize("issuer", ["http://eid.example", "ftp://127.0.0.1", "file:///etc/passwd", "//127.0.0.1", ""])
def test_plain_http_goes_to_this_machine_alone(issuer: str) -> None:
    with pytest.raises(Permanent, match=r"^eid\.address$"):
        started(an_eid(issuer=issuer))


def test_an_issuer_is_taken_to_the_letter(provider: EidStandin) -> None:
    eid = a_broker(provider)
    with pytest.raises(Permanent, match=r"^eid\.discovery$"):
        started(replace(eid, issuer=f"{eid.issuer}/"))


def test_secrets_come_by_their_name() -> None:
    brokers = Brokers({"SKYLT_EID_SECRET_PROVTELE": "hush"})
    assert brokers.known(an_eid()) == (an_eid(), "hush") and "hush" not in repr(brokers)
    with pytest.raises(Permanent, match=r"^eid\.secret$"):
        brokers.known(an_eid(secret_env="SKYLT_EID_SECRET_OTHER"))


# --- The provider itself


def test_the_stand_in_sends_nobody_to_strangers(provider: EidStandin) -> None:
    begun = started(a_broker(provider))
    for other in ("https://evil.example/", f"{BACK}/../x", f"{BACK}?x=1"):
        answer = httpx.get(begun.url.replace("redirect_uri=", "redirect_uri=https://evil.example&x="), params=None)
        assert answer.status_code == 400, other
    assert httpx.post(begun.url, data={"attempt": "x", "person": "asa"}).status_code == 400


@pytest.mark.parametrize(
    ("locale", "heading"), [("sv", "Visa vem du är"), ("da", "Vis, hvem du er"), ("en", "Show who you are")]
)
def test_its_page_speaks_three_languages_and_names_invented_people(
    provider: EidStandin, locale: str, heading: str
) -> None:
    begun = begin(a_broker(provider), STANDIN_SECRET, BACK, language=locale)
    page = httpx.get(begun.url).text
    assert f'<html lang="{locale}">' in page and f"<h1>{heading}</h1>" in page
    assert all(f"{given} {family}" in page for given, family in PERSONS.values())
    assert not re.search(r"\d{6}[-+]?\d{4}", re.sub(r'value="[^"]*"', "", page))
