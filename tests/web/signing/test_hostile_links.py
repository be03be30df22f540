"""Bad input and hostile use of mailed links: every dead one ends on one page, nothing signs that should not, nothing is lost, nothing fails."""

from __future__ import annotations

import io
import re
import secrets
import threading
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html
from werkzeug.test import TestResponse

from tests.browsing import Portal, Visitor, later, text_of
from tests.web import order_factories
from tests.web.conftest import Visit
from tests.web.signers import Asked, ask, consented, filled, signed
from webapp.operations.people.sign_in import reset_token
from webapp.operations.signing import signature_requests
from webapp.store.platform.scope import Scope

SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks/1.0)"}
HTMX = {"HX-Request": "true"}
RTL = "\u202e"


def say(portal: Portal, key: str, language: str = "sv", slug: str = "fjallton", **params: object) -> str:
    return portal.words(slug, language).say(key, **params)


def signings(portal: Portal, asked: Asked) -> tuple[Any, ...]:
    """Everything about a request that only a person may change."""
    return (
        asked.state,
        [each.state for each in asked.signers],
        portal.sql("select id, state, tries from signing_proof where signer = %s order by id", asked.signers[0].id),
        sorted(what for what in asked.happened if what != "fetched"),
    )


# --- Looking -------------------------------------------------------------------------------------------------------


def test_fifty_looks_of_a_mail_scanner_sign_nothing_and_use_nothing_up(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    scanner = visit("fjallton", **SCANNER)
    scanner.open(asked.link())
    id = asked.signers[0].id
    before = signings(portal, asked)
    links = [
        f"/sign/{id}/{page}" for page in ("document", "code", "eid", "scan", "decline", "done", "state", "paper.pdf")
    ]
    for turn in range(50):
        for method in ("GET", "HEAD"):
            for path in (
                asked.link(),
                links[turn % len(links)],
                f"/sign/{id}/decline?not_me=1",
                "/sign/eid?code=1&state=2",
            ):
                assert scanner.request(method, path).status_code in (200, 303)
                assert scanner.request(method, path, headers=HTMX).status_code in (200, 204, 286, 303)
    assert signings(portal, asked) == before
    assert asked.happened.count("fetched") == 1 and "opened" not in asked.happened
    assert signed(visit(), asked).path.endswith("/done")


def test_a_head_does_not_even_count_as_read(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit("fjallton", **SCANNER)
    guest.request("HEAD", asked.link())
    assert guest.request("HEAD", f"/sign/{asked.signers[0].id}/document").status_code == 200
    assert not {"fetched", "opened"} & set(asked.happened)


# --- Dead links ----------------------------------------------------------------------------------------------------


def without_tokens(response: TestResponse) -> str:
    text = response.get_data(as_text=True)
    return re.sub(r'(csrf_token" value|csrf-token" content)="[^"]+"', "", text)


def unknown(portal: Portal, visit: Visit) -> str:
    return f"/sign/{secrets.token_urlsafe(32)}"


def shortened(portal: Portal, visit: Visit) -> str:
    return ask(portal).link()[:-1]


def lengthened(portal: Portal, visit: Visit) -> str:
    return ask(portal).link() + "A"


def of_another_tenant(portal: Portal, visit: Visit) -> str:
    return ask(portal, "skarvox").link()


def of_another_purpose(portal: Portal, visit: Visit) -> str:
    visit().post("/reset", {"email": "owner@fjallton.example"})
    [(token,)] = portal.sql("select id from token where purpose = 'reset' order by id desc limit 1")
    return f"/sign/{reset_token(portal.app.config['SECRET_KEY'], 'fjallton', token)}"


def resent(portal: Portal, visit: Visit) -> str:
    asked = ask(portal)
    old = asked.link()
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        assert signature_requests.resend(work, asked.signers[0].id, portal.now)
    order_factories.do_jobs(portal)
    assert asked.link() != old
    assert visit().open(asked.link()).status == 200
    return old


def corrected(portal: Portal, visit: Visit) -> str:
    asked = ask(portal)
    old = asked.link()
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        assert signature_requests.correct_address(work, asked.signers[0].id, "annan@granit.example", portal.now) is None
    order_factories.do_jobs(portal)
    return old


def withdrawn(portal: Portal, visit: Visit) -> str:
    asked = ask(portal)
    old = asked.link()
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        assert signature_requests.withdraw(work, asked.request, portal.now)
    return old


def declined(portal: Portal, visit: Visit) -> str:
    asked = ask(portal)
    old = asked.link()
    visit().open(old).follow("Jag vill inte skriva under").press("Avböj")
    return old


def used(portal: Portal, visit: Visit) -> str:
    asked = ask(portal)
    old = asked.link()
    signed(visit(), asked)
    return old


def expired(portal: Portal, visit: Visit) -> str:
    old = ask(portal).link()
    later(portal, days=14, seconds=1)
    return old


WAYS_TO_DIE = [
    unknown, shortened, lengthened, of_another_tenant, of_another_purpose, resent, corrected, withdrawn, declined, used,
    expired,
]  # fmt: skip


@pytest.mark.parametrize("die", WAYS_TO_DIE, ids=lambda die: die.__name__)
def test_every_dead_link_ends_on_one_and_the_same_page(
    portal: Portal, visit: Visit, die: Callable[[Portal, Visit], str]
) -> None:
    guest = visit()
    gone = without_tokens(guest.request("GET", f"/sign/{'x' * 43}"))
    answer = guest.request("GET", die(portal, visit))
    assert answer.status_code == 410
    assert without_tokens(answer) == gone
    assert not [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("sign-")]
    page = html.fromstring(answer.get_data(as_text=True))
    assert len(page.xpath("//main//form")) == 1 and page.xpath("//main//form//input[@type='email']")


@pytest.mark.parametrize(
    "path", ["", "x" * 500, "%00", "..%2f", "a/b", "å", "%E2%80%AE", "' or 1=1 --", "{{7*7}}", "%(x)s"]
)
def test_no_path_is_a_failure(portal: Portal, visit: Visit, path: str) -> None:
    assert visit().request("GET", f"/sign/{path}").status_code in (308, 404, 410)


def test_a_page_that_is_open_when_its_link_dies_ends_there_too(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    here, fields, code = guest.path, guest.fields, asked.code()
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        assert signature_requests.withdraw(work, asked.request, portal.now)
    assert guest.send(here, {**fields, "code": code}).status == 410
    assert guest.open(here.replace("code", "paper.pdf")).status == 410
    assert asked.state == "withdrawn"


def test_a_part_of_a_page_makes_way_for_the_page_of_dead_links(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        assert signature_requests.withdraw(work, asked.request, portal.now)
    answer = guest.request("GET", guest.path.replace("document", "state"), headers=HTMX)
    assert answer.status_code == 401 and answer.headers["HX-Redirect"] == guest.path
    assert guest.open(answer.headers["HX-Redirect"]).status == 410


def test_the_link_of_one_paper_opens_no_other(portal: Portal, visit: Visit) -> None:
    mine, other = ask(portal), ask(portal)
    guest = visit().open(mine.link())
    token, secret = guest.token, mine.link().rpartition("/")[2]
    theirs = other.signers[0].id
    for cookie in ("", secret):
        if cookie:
            guest.client.set_cookie(f"sign-{theirs}", cookie, domain=guest.host, path="/sign")
        for path in ("document", "code", "eid", "scan", "done", "state", "decline", "paper.pdf"):
            assert guest.request("GET", f"/sign/{theirs}/{path}").status_code == 410, path
        for path in ("document", "code", "code/again", "scan", "decline"):
            form = {"csrf_token": token, "name": "Mallory", "not_me": "yes"}
            assert guest.request("POST", f"/sign/{theirs}/{path}", form).status_code == 410, path
    assert other.state == "waiting" and [each.state for each in other.signers] == ["waiting"]


def test_a_link_of_another_tenant_opens_nothing_here(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, "skarvox")
    guest = visit("fjallton")
    guest.client.set_cookie(
        f"sign-{asked.signers[0].id}", asked.link().rpartition("/")[2], domain=guest.host, path="/sign"
    )
    assert guest.request("GET", f"/sign/{asked.signers[0].id}/document").status_code == 410
    assert visit("skarvox").open(asked.link()).status == 200


def test_a_thousand_guesses_are_slowed_down_and_others_are_not(portal: Portal, visit: Visit) -> None:
    asked, guest = ask(portal), visit()
    badly = {"REMOTE_ADDR": "198.51.100.7"}
    statuses = [
        guest.request("GET", f"/sign/{secrets.token_urlsafe(32)}", environ_base=badly).status_code for _ in range(1000)
    ]
    assert set(statuses) == {410, 429}
    assert statuses.count(410) <= 60 and statuses[-1] == 429
    answer = guest.request("GET", f"/sign/{secrets.token_urlsafe(32)}", environ_base=badly)
    assert int(answer.headers["Retry-After"]) > 0
    page = html.fromstring(answer.get_data(as_text=True))
    assert text_of(page.find(".//h1")) == portal.words("fjallton").gettext("Too many attempts")
    assert not page.xpath("//main//form")
    assert visit().request("GET", asked.link(), environ_base={"REMOTE_ADDR": "198.51.100.8"}).status_code == 303


# --- A new link ----------------------------------------------------------------------------------------------------


def test_a_new_link_is_asked_for_and_nobody_learns_whether_something_waits(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, signer_email="ny@granit.example")
    old = asked.link()
    answers = []
    for email in ("ny@granit.example", "nobody@granit.example", "NY@GRANIT.example", "owner@fjallton.example"):
        guest = visit().open("/sign/dead")
        guest.press("Skicka en ny länk", email=email)
        assert guest.path == "/sign/sent"
        answers.append(without_tokens(guest.response))
    assert len(set(answers)) == 1
    order_factories.do_jobs(portal)
    assert asked.link() != old
    assert visit().open(old).status == 410
    assert visit().open(asked.link()).status == 200


def test_an_expired_paper_is_renewed_by_its_signer(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, signer_email="sen@granit.example")
    later(portal, days=15)
    signature_requests.expire(portal.store, "fjallton", portal.now)
    assert asked.state == "expired"
    guest = visit().open(asked.link())
    assert guest.status == 410
    guest.press("Skicka en ny länk", email="sen@granit.example")
    order_factories.do_jobs(portal)
    assert signed(visit(), asked).path.endswith("/done")
    assert asked.state == "signed"


@pytest.mark.parametrize(
    "email", ["", "  ", "asa", "@", "a@b", "a b@c.example", "x" * 300 + "@a.example", "å@\0.se", f"{RTL}@b.example"]
)
def test_an_address_that_is_none_is_told(portal: Portal, visit: Visit, email: str) -> None:
    guest = visit().open("/sign")
    before = portal.rows()
    guest.send("/sign", {**guest.fields, "email": email})
    assert guest.status == 422 and len(guest.errors) == 1
    assert portal.rows() == before


def test_asking_for_links_is_slowed_down(portal: Portal, visit: Visit) -> None:
    guest = visit().open("/sign")
    badly = {"REMOTE_ADDR": "198.51.100.9"}
    fields = {**guest.fields, "email": "asa@granit.example"}
    statuses = [guest.request("POST", "/sign", fields, environ_base=badly).status_code for _ in range(40)]
    assert statuses[0] == 303 and statuses[-1] == 429


# --- What is sent --------------------------------------------------------------------------------------------------

LONG = "Åsa " * 200
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("no name", {"name": ""}, "sign.name.missing"),
    ("blank name", {"name": " \t "}, "sign.name.missing"),
    ("name of signs", {"name": "-- !"}, "sign.name.missing"),
    ("long name", {"name": LONG}, ""),
    ("turned name", {"name": f"Åsa{RTL}Öberg"}, ""),
    ("control character", {"name": "Åsa\x07Öberg"}, ""),
    ("no capacity", {"capacity": ""}, "sign.capacity.missing"),
    ("capacity of the other country", {"capacity": "procuration"}, "sign.capacity.missing"),
    ("invented capacity", {"capacity": "king"}, "sign.capacity.missing"),
    ("no method", {"method": ""}, "sign.method.missing"),
    ("method that is not offered", {"method": "code_sms"}, "sign.method.missing"),
    ("invented method", {"method": "telepathy"}, "sign.method.missing"),
    ("other bytes", {"sha256": "0" * 64}, "sign.document.changed"),
    ("no bytes", {"sha256": ""}, "sign.document.changed"),
    ("odd bytes", {"sha256": "\u0663" * 64}, "sign.document.changed"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "key"), [(wrong, key) for _, wrong, key in WRONG], ids=[name for name, *_ in WRONG])
def test_what_is_wrong_is_told_and_nothing_is_lost(
    portal: Portal, visit: Visit, wrong: dict[str, str], key: str
) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    before = signings(portal, asked)
    sent = filled(guest, **{"name": "Åsa Öberg", "capacity": "attorney", "method": "paper", **wrong})
    guest.send(guest.path, sent)
    assert guest.status == 422
    assert len(guest.errors) == 1 and (not key or guest.errors == [say(portal, key)])
    assert guest.dom.findtext(".//title", "").startswith("Fel:")
    goal = guest.dom.xpath("//*[@id='errsum']//a/@href")[0][1:]
    assert guest.dom.xpath(f"//*[@id='{goal}']"), goal
    kept = dict(sent)
    ticked = guest.dom.xpath("//input[@name='declare'][@checked]/@value")
    assert ticked == [value for name, value in sent if name == "declare"]
    for field in {"name", "capacity", "method"} - set(wrong):
        assert guest.fields[field] == kept[field], field
    if "sha256" in wrong:
        assert guest.fields["sha256"] != wrong["sha256"]
    state, _, proofs, happened = before
    assert signings(portal, asked) == (state, ["opened"], proofs, sorted([*happened, "opened"])), "a form was sent"


@pytest.mark.parametrize("missing", ["owner", "entitled", "correct", "charges", "only_numbers", "active"])
def test_every_declaration_has_to_be_ticked(portal: Portal, visit: Visit, missing: str) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    fields = [pair for pair in filled(guest) if pair != ("declare", missing)]
    guest.send(guest.path, [*fields, ("declare", "invented")])
    assert guest.status == 422 and len(guest.errors) == 1
    assert guest.dom.xpath("//*[@id='errsum']//a/@href") == [f"#declare-{missing}"]
    assert asked.state == "waiting" and "consented" not in asked.happened


@pytest.mark.parametrize(
    "name", ["<b>Åsa</b> <link rel=attachment href='file:///etc/passwd'>", 'Åsa & Öberg "{{7*7}}" %(x)s', "O'Neill-Ærø"]
)
def test_a_name_is_letters_and_no_markup(portal: Portal, visit: Visit, name: str) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    guest.send(guest.path, filled(guest, name=name, method="code_mail"))
    assert guest.path.endswith("/code")
    back = guest.open(guest.path.replace("code", "document"))
    assert back.fields["name"] == name
    guest.open(back.path.replace("document", "code"))
    guest.send(guest.path, {**guest.fields, "code": asked.code()})
    assert asked.signers[0].signed_name == name


@pytest.mark.parametrize("what", ["code", "code/again"])
def test_a_form_for_a_code_that_nobody_waits_for_any_more_is_answered(portal: Portal, visit: Visit, what: str) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    path = f"/sign/{asked.signers[0].id}/{what}"
    portal.sql(
        "update signing_proof set state = 'void' where signer = %s", asked.signers[0].id
    )  # another request's deed
    guest.send(path, {"csrf_token": "old", "code": "123456"})
    assert guest.status == 200 and guest.path.endswith("/document") and say(portal, "sign.code.old") in guest.text


def test_five_new_codes_asked_for_at_once_fail_nobody(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    path, fields = f"/sign/{asked.signers[0].id}/code/again", {"csrf_token": guest.token}
    cookies = [(c.key, c.value, c.path) for c in guest.client._cookies.values()]  # type: ignore[attr-defined]
    start, statuses = threading.Barrier(5), list[int]()

    def again() -> None:
        browser = visit()
        for key, value, place in cookies:
            browser.client.set_cookie(key, value, domain=browser.host, path=place)
        start.wait(timeout=300)
        statuses.append(browser.request("POST", path, fields).status_code)

    threads = [threading.Thread(target=again) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert sorted(statuses) == [303] * 4 + [422]
    [(alive,)] = portal.sql(
        "select count(*) from signing_proof where signer = %s and state = 'open'", asked.signers[0].id
    )
    assert alive == 1
    guest.open(path.removesuffix("/again"))
    assert guest.send(guest.path, {**guest.fields, "code": asked.code()}).path.endswith("/done")


def test_a_form_that_is_too_old_comes_back_with_what_was_typed(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    sent = [pair for pair in filled(guest, name="Åsa Ö", method="paper") if pair[0] != "csrf_token"]
    before = signings(portal, asked)
    guest.send(guest.path, [("csrf_token", "old"), *sent])
    assert guest.status == 409
    assert (
        guest.fields["name"] == "Åsa Ö"
        and guest.fields["method"] == "paper"
        and guest.fields["capacity"] == "signatory"
    )
    assert signings(portal, asked) == before
    guest.send(guest.path, filled(guest))
    assert guest.path.endswith("/scan")


def test_a_page_without_referrer_is_ours_and_another_sites_is_not(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    data: dict[str, list[str]] = {}
    for name, value in filled(guest):
        data.setdefault(name, []).append(value)
    for headers, status in (
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 303),  # browsers of yesterday: the token decides
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
    ):
        assert guest.request("POST", guest.path, data, headers=headers).status_code == status, headers


# --- Codes ---------------------------------------------------------------------------------------------------------


def test_five_wrong_codes_are_the_last_and_then_not_even_the_right_one_signs(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    right = asked.code()
    for left in (4, 3, 2, 1):
        guest.send(guest.path, {**guest.fields, "code": "000000" if right != "000000" else "000001"})
        assert guest.status == 422
        assert guest.errors == [say(portal, "sign.code.wrong", n=left)]
    for code in ("000000" if right != "000000" else "000001", right):
        guest.send(guest.path, {**guest.fields, "code": code})
        assert guest.errors == [say(portal, "sign.code.over")]
    assert guest.open(guest.path).errors == [say(portal, "sign.code.over")]
    assert "försök." not in guest.text.replace("försök kvar", "") and "Du har 0" not in guest.text
    assert not guest.dom.xpath("//input[@name='code']") and "Skriv under" not in guest.buttons()
    assert asked.state == "waiting"
    guest.press("Skicka en ny kod")
    guest.send(guest.path, {**guest.fields, "code": asked.code()})
    assert asked.state == "signed"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "12345",
        "1234567",
        "abcdef",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "9" * 10_000,
        "<b>",
        "１２３４５６",
        "-12345",
    ],
)
def test_what_is_no_code_signs_nothing(portal: Portal, visit: Visit, code: str) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    guest.send(guest.path, {**guest.fields, "code": code})
    assert guest.status == 422 and asked.state == "waiting"


def test_a_code_holds_ten_minutes(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    code = asked.code()
    later(portal, minutes=10, seconds=1)
    guest.send(guest.path, {**guest.fields, "code": code})
    assert guest.errors == [say(portal, "sign.code.old")] and asked.state == "waiting"


def test_a_code_holds_only_where_it_was_asked_for(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    mine = consented(visit(), asked)
    other = visit().open(asked.link())
    code = asked.code()
    other.send(mine.path, {**other.fields, "code": code})
    assert other.path.endswith("/document") and asked.state == "waiting"
    seatless = visit()
    seatless.client.set_cookie(
        f"sign-{asked.signers[0].id}", asked.link().rpartition("/")[2], domain=seatless.host, path="/sign"
    )
    seatless.open(mine.path.replace("code", "document"))
    seatless.send(mine.path, {**seatless.fields, "code": code})
    assert asked.state == "waiting"
    mine.send(mine.path, {**mine.fields, "code": code})
    assert asked.state == "signed"


def test_a_code_of_another_paper_signs_nothing(portal: Portal, visit: Visit) -> None:
    mine, other = ask(portal), ask(portal)
    consented(visit(), other)
    guest = consented(visit(), mine)
    guest.send(guest.path, {**guest.fields, "code": other.code()})
    assert guest.status == 422 and mine.state == other.state == "waiting"


def test_no_more_than_five_codes_an_hour(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = consented(visit(), asked)
    for _ in range(4):
        guest.press("Skicka en ny kod")
        assert guest.status == 200
    guest.press("Skicka en ny kod")
    assert guest.status == 422 and guest.errors == [say(portal, "sign.code.often")]


def test_a_code_page_without_consent_leads_to_the_paper(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    for page in ("code", "eid", "scan", "done"):
        assert guest.open(guest.path.replace("document", page)).path.endswith("/document")
    guest.send(guest.path.replace("document", "code"), {**guest.fields, "code": "123456"})
    assert guest.path.endswith("/document")


# --- Scans ---------------------------------------------------------------------------------------------------------


def send(guest: Visitor, content: bytes | None, name: str = "fullmakt.pdf") -> Visitor:
    data: dict[str, Any] = {"csrf_token": guest.fields["csrf_token"]}
    if content is not None:
        data["scan"] = (io.BytesIO(content), name)
    path = guest.path
    guest._arrive(path, guest.request("POST", path, data, content_type="multipart/form-data"))
    return guest


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (None, "sign.scan.missing"),
        (b"", "sign.scan.missing"),
        (b"hello", "sign.scan.kind"),
        (b"<html><script>alert(1)</script>", "sign.scan.kind"),
        (b"MZ\x90\x00" + b"\0" * 100, "sign.scan.kind"),
        (b"PK\x03\x04" + b"\0" * 100, "sign.scan.kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "sign.scan.kind"),
        (b"GIF89a" + b"\0" * 100, "sign.scan.kind"),
    ],
)  # fmt: skip
def test_what_is_no_scan_is_told(portal: Portal, visit: Visit, content: bytes | None, key: str) -> None:
    asked = ask(portal)
    guest = send(consented(visit(), asked, method="paper"), content)
    assert guest.status == 422 and guest.errors == [say(portal, key)]
    assert asked.state == "waiting"


@pytest.mark.parametrize("megabytes", [10.01, 20])
def test_a_scan_that_is_too_large_is_told_on_its_own_page(portal: Portal, visit: Visit, megabytes: float) -> None:
    asked = ask(portal)
    guest = send(consented(visit(), asked, method="paper"), b"%PDF-1.7\n" + b"x" * int(megabytes * 1024 * 1024))
    assert guest.status == 413
    assert guest.errors == [" ".join(say(portal, "sign.scan.large", n=10).split())]
    assert guest.dom.xpath("//input[@type='file']")
    send(guest, b"%PDF-1.7\n" + b"x" * (9 * 1024 * 1024))
    assert guest.path.endswith("/done") and guest.status == 200


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "x" * 5000 + ".pdf", "\u202efdp.exe", "<b>.pdf", "a\0b.pdf"])
def test_a_files_name_means_nothing(portal: Portal, visit: Visit, name: str) -> None:
    asked = ask(portal)
    guest = send(consented(visit(), asked, method="paper"), b"%PDF-1.7\n", name)
    assert guest.status in (200, 422)


def test_other_forms_stay_small(portal: Portal, visit: Visit) -> None:
    guest = consented(visit(), ask(portal), method="paper")
    path = guest.path.replace("scan", "document")
    answer = guest.request("POST", path, {"csrf_token": guest.fields["csrf_token"], "name": "x" * 3_000_000})
    assert answer.status_code == 413 and text_of(html.fromstring(answer.get_data(as_text=True)).find(".//h1"))


# --- Texts of others, and https ------------------------------------------------------------------------------------

MARKUP = '<img src=x onerror=alert(1)><link rel=attachment href="file:///etc/passwd"> & ${7*7} 100 %'


def test_names_with_markup_are_letters_in_the_paper_and_around_it(portal: Portal, visit: Visit) -> None:
    asked = ask(portal, owner_name=MARKUP, donor=MARKUP, signer_name=MARKUP)
    guest = visit().open(asked.link())
    assert guest.status == 200
    assert not guest.dom.xpath("//main//img | //main//link | //article//@onerror")
    article = text_of(guest.dom.xpath("//article")[0])
    assert article.count(MARKUP) >= 4
    assert guest.fields["name"] == MARKUP
    assert MARKUP in guest.follow("Det här är inte jag").h1


def test_a_page_that_withholds_its_referrer_can_be_sent_under_https(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    guest = visit().open(asked.link())
    data: dict[str, list[str]] = {}
    for name, value in filled(guest):
        data.setdefault(name, []).append(value)
    answer = guest.request("POST", guest.path, data, environ_base={"wsgi.url_scheme": "https"})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
