"""Signing by a mailed link, as a browser without script sees it: who asks, what is signed, every way to prove it, and the end."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from dataclasses import replace
from datetime import date

import pytest
from lxml import html

from tests.browsing import Portal, Visitor, later, text_of
from tests.web import order_factories
from tests.web.conftest import Visit
from tests.web.signers import BO, Asked, ask, consented, filled, signed
from webapp.documents import paper_templates
from webapp.domain.signing.identity import Identity
from webapp.l10n import Localizer
from webapp.operations.signing import signature_completion, signature_requests
from webapp.store.platform.scope import Scope
from webapp.tenancy.revision import tenant_to_json

PRIVATE = {
    "e164": "+4520000050", "donor": "Fjordnet", "owner_type": "other", "owner_name": "Mette Holm", "owner_id": "",
    "owner_address": "Strandvejen 3, 8000 Aarhus C", "signer_name": "Mette Holm", "signer_email": "mette@holm.example",
    "takeover": True, "customer_no": "",
}  # fmt: skip
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def say(portal: Portal, key: str, language: str = "sv", slug: str = "fjallton", **params: object) -> str:
    return portal.words(slug, language).say(key, **params)


# --- Who asks and what is signed -----------------------------------------------------------------------------------


def test_the_link_leaves_the_address_at_once(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    answer = visit().request("GET", asked.link())
    assert answer.status_code == 303
    assert answer.location == f"/sign/{asked.signers[0].id}/document"
    cookies = answer.headers.getlist("Set-Cookie")
    ours = [each for each in cookies if each.startswith("sign-")]
    assert len(ours) == 2
    assert all("HttpOnly" in each and "SameSite=Lax" in each and "Path=/sign" in each for each in ours)


def test_the_page_says_who_asks_and_for_what(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, e164="+46701740612", signers=(BO,))
    page = visit().open(asked.link())
    assert page.h1 == "Skriv under fullmakten"
    for said in (
        "Granit & Gran AB vill flytta 070-174 06 12 till Fjällton",
        "Granlinjen",
        "Fjällton Telekom AB",
        "3 december 2026",
        "26 november 2026, så att flytten kan ske den 3 december 2026",
        "Bo Lind",
        "Det här är inte jag",
    ):
        assert said in page.text, said
    assert page.fields["name"] == "Åsa Öberg"
    assert page.fields.get("capacity") is None  # nobody says for them as what they sign


@pytest.mark.parametrize(
    ("wished", "by", "late"),
    [
        ("2026-12-16", "8 december 2026", ""),
        ("2026-11-27", "8 december 2026", "Vi hinner inte längre flytta numret den 27 november"),
    ],
)
def test_the_link_is_the_deadline_when_it_ends_first_and_when_it_is_too_late_for_the_day(
    portal: Portal, visit: Visit, wished: str, by: str, late: str
) -> None:
    asked = ask(portal, e164=f"+46701740{wished[-2:]}1", wished_date=date.fromisoformat(wished))
    page = visit().open(asked.link())
    rows = [text_of(row) for row in page.dom.xpath("//*[contains(@class, 'sign-facts')]//*[dt]")]
    assert rows[-1] == f"Skriv under senast{by}" and late in page.text and ("hinner inte" in page.text) == bool(late)
    told = late or f"kan skriva under till och med den {by}"
    assert told in visit("fjallton", "owner").open("/home").text


def test_a_day_that_was_corrected_moves_the_deadline(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, e164="+46701740611")
    portal.sql('update porting set wished_date = %s where "order" = %s', "2026-12-11", asked.order.ref)
    rows = visit().open(asked.link()).dom.xpath("string(//*[contains(@class, 'sign-facts')])")
    assert "4 december 2026, så att flytten kan ske den 11 december 2026" in rows
    home = visit("fjallton", "owner").open("/home").text
    assert "För flytten den 11 december 2026 behövs underskriften senast den 4 december 2026." in home


def test_a_resellers_page_bears_its_sign_and_names_the_contract_party(portal: Portal, visit: Visit) -> None:
    page = visit("skarvox").open(ask(portal, "skarvox").link())
    assert "till Skärvox och behöver din underskrift" in page.text
    assert "Fjällton Telekom AB, genom återförsäljaren Skärvox" in page.text
    assert page.dom.xpath("//header//img/@alt") == ["Skärvox"]


def test_the_owner_is_no_user_of_the_portal(portal: Portal, visit: Visit) -> None:
    page = visit("fjallton", "owner").open(ask(portal).link())
    header = page.dom.find(".//header")
    assert page.dom.xpath("//header//a/@href") == ["/help/porting"]
    assert "Logga in" not in text_of(header) and "Mina" not in text_of(header)


@pytest.mark.parametrize(("slug", "porting"), [("fjallton", {}), ("baeltkom", PRIVATE)])
def test_the_words_of_the_page_are_those_of_the_paper(
    portal: Portal, visit: Visit, slug: str, porting: dict[str, object]
) -> None:
    asked = ask(portal, slug, **porting)
    page = visit(slug).open(asked.link())
    with portal.store.work(Scope(slug, None, "test")) as work:
        request = work.signings.get(asked.request)
        assert request
        found = work.documents.get(request.document)
        assert found
    paper, tenant = signature_requests.paper_of(found), portal.tenant(slug)
    own = {key: texts[paper.language] for key, texts in tenant.texts.items() if paper.language in texts}
    words = Localizer(paper.language, own, tenant.market.zone, tenant.market.code)
    printed = html.fromstring(paper_templates.markup(paper, tenant, words, "logo"))
    on_paper = text_of(printed)
    article = page.dom.xpath("//article")[0]
    assert article.get("lang") == paper.language
    said = [text_of(each) for each in article.xpath(".//p | .//li | .//td | .//h2")]
    assert len(said) > 20
    assert [text for text in said if text not in on_paper] == []
    ticks = [text_of(each) for each in page.dom.xpath("//label[starts-with(@for, 'declare-')]")]
    assert len(ticks) >= 6
    assert [text for text in ticks if text not in on_paper] == []


def test_a_page_speaks_as_its_paper_whatever_the_seller_has_published_since(portal: Portal, visit: Visit) -> None:
    serving = portal.tenant("fjallton")
    support = replace(serving.support, email="forr@fjallton.example")
    texts = {**serving.texts, "authority.correct": {"sv": "Allt stämde förr."}}
    before = replace(serving, revision="b" * 64, support=support, texts=texts)
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        work.revisions.publish(before.revision, tenant_to_json(before), now=portal.now)
        work.revisions.publish(serving.revision, tenant_to_json(serving), now=portal.now)
    moving = order_factories.moving(1)
    order = order_factories.place(portal, "fjallton", moving, tenant=before)
    order_factories.do_jobs(portal)
    asked = Asked(portal, "fjallton", order)
    page = visit().open(asked.link())
    article = text_of(page.dom.xpath("//article")[0])
    assert "Allt stämde förr." in article and "forr@fjallton.example" in article
    assert "Allt stämde förr." in [text_of(each) for each in page.dom.xpath("//label[@for='declare-correct']")]
    assert signed(visit(), asked).path.endswith("/done")
    ready = signature_completion.to_seal(
        portal.store, "fjallton", asked.request, portal.app.config["SECRET_KEY"], portal.now
    )
    assert ready and ready.seller == before
    evidence = json.loads(ready.paper.evidence)
    told = {each["code"]: each for each in evidence["signers"][0]["declared"]}
    [said] = [each["details"]["sentences_sha256"] for each in evidence["events"] if each["what"] == "consented"]
    assert told["correct"]["text"] == "Allt stämde förr."
    assert said == {code: each["sha256"] for code, each in told.items()}


def test_the_pdf_is_the_very_bytes_that_are_signed(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    answer = guest.request("GET", guest.path.replace("document", "paper.pdf"))
    assert answer.mimetype == "application/pdf"
    [(digest,)] = portal.sql(
        "select d.sha256 from signing_request r join document d on d.id = r.document where r.id = %s", asked.request
    )
    assert hashlib.sha256(answer.data).hexdigest() == digest == guest.fields["sha256"]


def test_pages_tell_browsers_to_keep_nothing_and_search_engines_to_find_nothing(portal: Portal, visit: Visit) -> None:
    guest = visit().open(ask(portal).link())
    for path in (guest.path, guest.path.replace("document", "decline"), "/sign", "/sign/nothing", "/sign/sent"):
        headers = guest.request("GET", path).headers
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert headers["X-Robots-Tag"] == "noindex, nofollow", path
        assert headers["Cache-Control"] == "private, no-store", path


# --- Language ------------------------------------------------------------------------------------------------------


def test_the_page_comes_in_the_papers_language_until_another_is_chosen(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit("fjallton", **{"Accept-Language": "da"}).open(asked.link())
    assert guest.h1 == "Skriv under fullmakten"
    guest.send("/language", {"csrf_token": guest.token, "language": "da", "next": guest.path})
    assert guest.dom.get("lang") == "da"
    assert guest.h1 == "Underskriv fuldmagten"
    article = guest.dom.xpath("//article")[0]
    assert article.get("lang") == "sv"
    assert "Fullmaktsgivaren ger" in text_of(article)
    assert guest.dom.xpath("//label[@for='declare-owner']/ancestor::*[@lang][1]/@lang") == ["sv"]


# --- By code -------------------------------------------------------------------------------------------------------


def test_somebody_signs_by_a_mailed_code(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    assert guest.path.endswith("/code")
    assert "å•••" in guest.text.lower() or "a•••@granit.example" in guest.text
    control = guest.dom.get_element_by_id("code")
    assert (control.get("autocomplete"), control.get("inputmode")) == ("one-time-code", "numeric")
    code = asked.code()
    guest.send(guest.path, {**guest.fields, "code": f" {code[:3]} {code[3:]} "})  # as it is pasted
    assert guest.path.endswith("/done")
    assert "Tack, du har skrivit under" in guest.text
    assert asked.state == "signed"
    assert asked.signers[0].method == "code_mail" and asked.signers[0].capacity == "signatory"


def test_when_it_is_sealed_the_page_says_so_and_hands_out_the_copy(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = signed(visit(), asked)
    state = guest.path.replace("done", "state")
    htmx = {"HX-Request": "true"}
    assert guest.request("GET", f"{state}?had=sealing", headers=htmx).status_code == 204
    assert guest.request("GET", state).status_code == 303  # opened cold it is the page it stands on
    order_factories.do_jobs(portal)
    assert asked.state == "sealed"
    answer = guest.request("GET", f"{state}?had=sealing", headers=htmx)
    assert answer.status_code == 286  # and htmx asks no more
    guest.open(guest.path)
    assert guest.h1 == "Fullmakten är underskriven"
    copy = guest.request("GET", guest.path.replace("done", "paper.pdf"))
    assert copy.status_code == 200 and copy.mimetype == "application/pdf"


def test_a_private_owner_signs_by_a_text_message_to_the_number_that_moves(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, "baeltkom", **PRIVATE)
    guest = visit("baeltkom").open(asked.link())
    assert guest.dom.get("lang") == "da"
    offered = guest.dom.xpath("//input[@name='method']/@value")
    assert offered == ["code_sms", "code_mail", "paper"]
    assert guest.fields["method"] == "code_sms"
    assert "declare-transfer" in guest.dom.xpath("//input[@name='declare']/@id")
    guest.send(guest.path, filled(guest))
    assert "+45•••••050" in guest.text and "20000050" not in guest.text
    guest.send(guest.path, {**guest.fields, "code": asked.code()})
    assert guest.h1 == "Tak, du har underskrevet"
    assert asked.signers[0].proof["phone_masked"] == "+45•••••050"


def test_a_new_code_can_be_asked_for_and_the_old_one_stops(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    old = asked.code()
    guest.press("Skicka en ny kod")
    assert guest.status == 200 and "En ny kod är på väg" in guest.text
    assert asked.code() != old
    guest.send(guest.path, {**guest.fields, "code": old})
    assert guest.status == 422
    guest.send(guest.path, {**guest.fields, "code": asked.code()})
    assert guest.path.endswith("/done")


def test_a_code_that_another_device_made_void_is_not_thrown_away_without_a_word(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    phone = consented(visit(), asked)
    old = asked.code()
    desk = consented(visit(), asked)
    phone.send(phone.path, {**phone.fields, "code": old})
    assert phone.path.endswith("/document") and "har begärts på en annan enhet" in phone.text
    old_page = phone.path.replace("document", "code/again")
    assert "har begärts på en annan enhet" in phone.send(old_page, {"csrf_token": phone.token}).text
    assert asked.state == "waiting"
    desk.send(desk.path, {**desk.fields, "code": asked.code()})
    assert asked.state == "signed"


def test_a_code_whose_consent_is_too_old_is_answered(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    later(portal, hours=2)
    guest.send(guest.path, {**guest.fields, "code": asked.code()})
    assert guest.path.endswith("/document") and say(portal, "sign.code.old") in guest.text


# --- By eID --------------------------------------------------------------------------------------------------------


def prepared(portal: Portal, asked: Asked) -> dict[str, str]:
    """What the job that prepares an eID login leaves; the broker itself is another test's."""
    with portal.store.work(Scope(asked.slug, None, "test")) as work:
        proof = work.signings.latest_proof(asked.signers[0].id)
        assert proof and proof.method == "eid"
    signature_completion.eid_prepared(
        portal.store, asked.slug, proof.id, "https://broker.example/authorize?x=1", portal.now
    )
    return {"id": proof.id, "state": proof.facts["state"]}


def test_somebody_signs_by_eid_and_coming_back_signs_nothing_by_itself(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked, method="eid")
    assert guest.path.endswith("/eid")
    assert "BankID" in guest.h1
    attempt = prepared(portal, asked)
    state = guest.path.replace("/eid", "/state")
    assert guest.request("GET", state, headers={"HX-Request": "true"}).status_code == 286
    guest.open(guest.path)
    assert guest.dom.xpath("//a[contains(@class, 'button-primary')]/@href") == ["https://broker.example/authorize?x=1"]

    guest.open(f"/sign/eid?code=abc&state={attempt['state']}")
    assert guest.h1 == "Ett steg kvar"
    assert asked.state == "waiting" and asked.signers[0].state == "opened"
    guest.press("Skriv under")
    assert guest.path.endswith("/done") and guest.h1 == "Ett ögonblick"
    who = Identity("Åsa Öberg", "Åsa", "Öberg", "BankID", "urn:bankid", portal.now, "5e1f", "t-1")
    assert signature_completion.eid_is(portal.store, "fjallton", attempt["id"], who, portal.now)
    assert guest.open(guest.path).h1 == "Tack, du har skrivit under"
    assert asked.state == "signed"


def test_an_eid_that_is_cancelled_leaves_the_choice_of_another_way(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    guest.send(guest.path, filled(guest, method="eid", name="Å. Öberg", capacity="attorney"))
    attempt = prepared(portal, asked)
    guest.open(f"/sign/eid?error=access_denied&state={attempt['state']}")
    assert guest.h1 == "Identifieringen slutfördes inte"
    guest.press("Fortsätt")
    assert guest.status == 422 and guest.errors == [say(portal, "sign.eid.cancelled")]
    assert guest.path == "/sign/eid" and guest.fields["name"] == "Å. Öberg"
    assert (guest.fields["capacity"], guest.fields["method"]) == ("attorney", "eid")
    ticked = guest.dom.xpath("//input[@name='declare'][@checked]")
    assert len(ticked) == len(guest.dom.xpath("//input[@name='declare']"))
    assert asked.state == "waiting"
    later(portal, hours=2)  # and then the paper is to be read again
    guest.open(f"/sign/{asked.signers[0].id}/document")
    assert guest.fields["name"] == "Åsa Öberg" and not guest.dom.xpath("//input[@name='declare'][@checked]")


@pytest.mark.parametrize("state", ["", "other", "x" * 3000, "å"])
def test_an_answer_to_another_eid_question_signs_nothing(portal: Portal, visit: Visit, state: str) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked, method="eid")
    prepared(portal, asked)
    guest.open("/sign/eid?code=abc")
    guest.send("/sign/eid", {**guest.fields, "state": state})
    assert guest.status == 422 and guest.errors == [say(portal, "sign.eid.failed")]
    assert asked.state == "waiting"


def test_an_eid_that_says_no_is_told_while_the_page_waits(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked, method="eid")
    attempt = prepared(portal, asked)
    guest.open(f"/sign/eid?code=abc&state={attempt['state']}").press("Skriv under")
    signature_completion.eid_failed(portal.store, "fjallton", attempt["id"], "sign.eid.failed", portal.now)
    path = guest.path.replace("done", "state")
    answer = guest.request("GET", f"{path}?had=checking", headers={"HX-Request": "true"})
    assert answer.status_code == 286
    assert say(portal, "sign.eid.failed") in answer.get_data(as_text=True)
    assert guest.open(guest.path).path.endswith("/document")  # by reload without script
    assert say(portal, "sign.eid.failed") in guest.text


# --- On paper ------------------------------------------------------------------------------------------------------


def send_scan(guest: Visitor, content: bytes, name: str = "scan.png") -> None:
    data = {"csrf_token": guest.fields["csrf_token"], "scan": (io.BytesIO(content), name)}
    path = guest.path
    guest._arrive(path, guest.request("POST", path, data, content_type="multipart/form-data"))


def test_somebody_prints_signs_and_sends_a_photo(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked, method="paper")
    assert guest.path.endswith("/scan") and guest.h1 == "Skriv under på papper"
    send_scan(guest, PNG)
    assert guest.path.endswith("/done") and guest.h1 == "Ett ögonblick"
    [(proof,)] = portal.sql("select id from signing_proof where signer = %s", asked.signers[0].id)
    assert signature_completion.scan_is_good(portal.store, "fjallton", proof, portal.now)
    assert guest.open(guest.path).h1 == "Tack, du har skrivit under"


def test_a_scan_that_cannot_be_opened_is_asked_for_again(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked, method="paper")
    send_scan(guest, PNG)
    [(proof,)] = portal.sql("select id from signing_proof where signer = %s", asked.signers[0].id)
    signature_completion.scan_is_bad(portal.store, "fjallton", proof, "sign.scan.unreadable", portal.now)
    assert say(portal, "sign.scan.unreadable") in guest.open(guest.path).text
    assert asked.state == "waiting"


# --- Several -------------------------------------------------------------------------------------------------------


def test_two_sign_jointly_and_the_first_is_told_who_is_waited_for(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, signers=(BO,))
    first = signed(visit(), asked, 1)
    assert first.h1 == "Tack, du har skrivit under"
    assert "Vi väntar på Bo Lind" in first.text
    portal.speak("fjallton", "owner", "sv")
    to_come = visit("fjallton", "owner").open(f"/orders/{asked.order.ref}").texts("timeline")[0]
    assert "Åsa Öberg och Bo Lind skriver under" in to_come
    assert asked.state == "waiting"
    second = visit().open(asked.link(2))
    assert "Har skrivit under" in second.text
    signed(visit(), asked, 2)
    assert asked.state == "signed"
    assert asked.happened.count("signed") == 2
    assert "Alla har skrivit under" in first.open(first.path).text


def test_whose_turn_has_not_come_has_no_link(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, signers=(BO,), in_order=True)
    assert [each.state for each in asked.signers] == ["waiting", "queued"]
    assert "Senare" in visit().open(asked.link(1)).text
    signed(visit(), asked, 1)
    order_factories.do_jobs(portal)
    signed(visit(), asked, 2)
    assert asked.state == "signed"


def test_when_another_declines_the_link_of_who_has_signed_dies_too(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, signers=(BO,))
    first = signed(visit(), asked, 1)
    visit().open(asked.link(2)).follow("Jag vill inte skriva under").press("Avböj")
    assert asked.state == "declined"
    assert first.open(first.path).status == 410


# --- Saying no -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "Numret tillhör min syster", "<script>alert(1)</script>"])
def test_somebody_declines(portal: Portal, visit: Visit, reason: str) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    here = guest.path
    guest.follow("Jag vill inte skriva under").press("Avböj", reason=reason)
    assert guest.path == "/sign/declined" and guest.h1 == "Tack, vi har fått ditt svar"
    assert asked.state == "declined" and asked.signers[0].reason == reason
    assert guest.open(here).status == 410
    assert guest.open(asked.link()).status == 410


def test_a_reason_that_is_too_long_is_kept_and_told(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link()).follow("Jag vill inte skriva under")
    guest.press("Avböj", reason="a" * 600)
    assert guest.status == 422 and len(guest.errors) == 1
    assert guest.fields["reason"].strip() == "a" * 600
    assert asked.state == "waiting"


def test_somebody_says_that_it_is_not_them(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link()).follow("Det här är inte jag")
    assert guest.h1 == "Är du inte Åsa Öberg?"
    guest.press("Det här är inte jag")
    assert guest.path == "/sign/not-me"
    assert asked.signers[0].state == "not_me" and asked.state == "declined"
    assert "not_me" in asked.happened
    assert "Granit" not in guest.text  # anyone may open that page
    assert visit().open(asked.link()).status == 410


# --- Afterwards ----------------------------------------------------------------------------------------------------


def test_back_reload_and_another_press_after_signing_lead_to_the_end(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    here, code = guest.path, {**guest.fields, "code": asked.code()}
    document = guest.path.replace("code", "document")
    form = filled(visit().open(asked.link()))
    for _ in range(2):  # a double click
        guest.send(here, code)
        assert guest.path.endswith("/done") and guest.status == 200
    for path in ("document", "code", "eid", "scan", "decline"):
        guest.open(here.replace("code", path))
        assert guest.path.endswith("/done") and guest.status == 200, path
    token = guest.token
    for path in (document, here, here + "/again", here.replace("code", "decline"), here.replace("code", "scan")):
        fields = [(name, value) for name, value in form if name != "csrf_token"]
        guest.send(path, [("csrf_token", token), *fields])
        assert guest.path.endswith("/done") and guest.status == 200, path
    assert asked.happened.count("signed") == 1


def test_two_devices_sign_at_once_and_one_signature_is_there(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    phone, desk = consented(visit(), asked), visit().open(asked.link())
    code = {**phone.fields, "code": asked.code()}
    phone.send(phone.path, code)
    assert phone.path.endswith("/done")
    desk.send(desk.path, filled(desk))
    assert desk.path.endswith("/done") and desk.status == 200
    assert asked.happened.count("signed") == 1
    assert (
        len(
            portal.sql(
                "select 1 from procrastinate_jobs where task_name = 'seal_document' and args->>'id' = %s", asked.request
            )
        )
        == 1
    )


def test_the_evidence_tells_the_network_and_not_the_machine(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit()
    guest.request("GET", asked.link(), environ_base={"REMOTE_ADDR": "203.0.113.77"})
    signed(guest, asked)
    details = portal.sql("select details::text from signing_event where request = %s", asked.request)
    assert "203.0.113.77" not in json.dumps(details)
    assert "127.0.0.1" not in json.dumps(details)
