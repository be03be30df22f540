"""Signing in, staying in, getting out, and a lost password."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import argon2
import pytest

from tests.browsing import Portal, later
from tests.builders import TUESDAY
from tests.web.conftest import PASSWORD, Visit
from webapp.operations.people import passwords, sign_in
from webapp.store.platform.scope import Scope
from webapp.web.safe_redirects import nearest_page, safe_path

NEW = "fem gula kanoter i rad"


@pytest.fixture(autouse=True)
def morning(portal: Portal) -> None:
    """Every test begins on Tuesday morning, and nobody has been counted."""
    portal.now = TUESDAY
    portal.sql("delete from throttle")


def reset_path(portal: Portal, visit: Visit, email: str = "member@klitfon.example") -> str:
    """The path of the link that a mail would hold."""
    guest = visit("klitfon").open("/reset")
    before = portal.sql("select id from token")
    guest.send("/reset", {**guest.fields, "email": email})
    assert guest.path == "/reset/sent"
    secret = portal.app.extensions["skylt"].secret
    ((token_id,),) = set(portal.sql("select id from token")) - set(before)
    with portal.store.work(Scope("klitfon", None, "test")) as work:
        mail = sign_in.reset_mail(work, secret, token_id, portal.now)
    assert mail is not None and mail.email == email
    return f"/reset/{mail.token}"


@pytest.mark.parametrize(
    ("local", "first"), [("owner", "/home"), ("buyer", "/home"), ("member", "/home"), ("operator", "/admin/orders")]
)
def test_everybody_lands_where_they_work(visit: Visit, local: str, first: str) -> None:
    guest = visit("skarvox")
    assert guest.sign_in(f"{local}@skarvox.example").location == first
    assert guest.request("GET", "/").location == first


def test_the_start_page_says_what_this_is(visit: Visit) -> None:
    start = visit("baeltkom").open("/")
    assert "Bæltkom" in start.text and "/login" in start.dom.xpath("//main//a/@href")


def test_an_address_is_the_same_in_capitals(visit: Visit) -> None:
    assert visit().sign_in("  Owner@Fjallton.EXAMPLE ").status_code == 303


@pytest.mark.parametrize(
    "email", ["owner@fjallton.example", "nobody@fjallton.example", "owner@skarvox.example", "no address", "a@b\0c"]
)
def test_wrong_sign_ins_are_told_alike(visit: Visit, email: str) -> None:
    guest = visit()
    answer = guest.sign_in(email, "not the password")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "hör inte ihop" in text and 'name="email"' in text
    assert "login" not in {cookie.key for cookie in guest.client._cookies.values()}


def test_the_answer_takes_as_long_for_an_unknown_address(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes the time is the one hash that is checked, and it costs the same whether there is an account or not."""
    checked: list[argon2.Parameters] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            checked.append(argon2.extract_parameters(stored))
            return hasher.verify(stored, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for email in ("owner@fjallton.example", "nobody@fjallton.example"):
        door = portal.app.extensions["skylt"].door(portal.tenant("fjallton"), portal.now)
        with pytest.raises(sign_in.WrongPassword):
            door.sign_in(email, "wrong", "192.0.2.9")
    known, unknown = checked
    assert known == unknown


def test_empty_fields_are_asked_for(visit: Visit) -> None:
    guest = visit().open("/login")
    guest.send("/login", {**guest.fields, "email": "", "password": ""})
    assert guest.status == 422 and len(guest.errors) == 2


def test_every_sign_in_has_a_token_of_its_own(portal: Portal, visit: Visit) -> None:
    guest = visit()
    guest.client.set_cookie("login", "chosen-by-somebody-else", domain=guest.host)
    first = guest.sign_in("owner@fjallton.example").headers["Set-Cookie"]
    second = visit().sign_in("owner@fjallton.example").headers["Set-Cookie"]
    assert "chosen-by" not in first and first != second
    assert "HttpOnly" in first and "SameSite=Lax" in first and "Domain" not in first
    token = re.search("login=([^;]+)", first)
    assert token
    assert not portal.sql("select 1 from login_session where encode(token_hash, 'escape') like %s", f"%{token[1]}%")


def test_a_session_is_known_at_its_own_tenant_only(portal: Portal, visit: Visit) -> None:
    token = portal.session("fjallton", "owner")
    thief = visit("baeltkom")
    thief.client.set_cookie("login", token, domain=thief.host)
    assert thief.request("GET", "/home").location.startswith("/login?next=/home")


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/nowhere", "/admin/orders"]
)
def test_signing_in_never_leads_away(visit: Visit, target: str) -> None:
    assert visit().sign_in("owner@fjallton.example", next=target).location == "/home"


def test_signing_in_leads_back(visit: Visit) -> None:
    guest = visit().open("/subscriptions?unassigned=1")
    assert guest.path.startswith("/login?next=/subscriptions")
    guest.send("/login", {**guest.fields, "email": "owner@fjallton.example", "password": PASSWORD})
    assert guest.path == "/subscriptions?unassigned=1"


def test_too_many_wrong_passwords_are_not_looked_at(portal: Portal, visit: Visit) -> None:
    guest = visit("klitfon")
    for _ in range(10):
        assert guest.sign_in("buyer@klitfon.example", "wrong").status_code == 422
    refused = guest.sign_in("buyer@klitfon.example")
    assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= 900
    assert guest.sign_in("owner@klitfon.example").status_code == 303, "others are let in"
    later(portal, minutes=16)
    assert visit("klitfon").sign_in("buyer@klitfon.example").status_code == 303


def wrong(portal: Portal, slug: str, email: str, address: str, times: int) -> int:
    """How many of so many wrong passwords were looked at."""
    door, looked_at = portal.app.extensions["skylt"].door(portal.tenant(slug), portal.now), 0
    for _ in range(times):
        try:
            door.sign_in(email, "wrong", address)
        except sign_in.WrongPassword:
            looked_at += 1
        except sign_in.TooOften:
            pass
    return looked_at


def test_nobody_is_shut_out_by_others_who_guess(portal: Portal, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_OF_ALL", 20)
    looked_at = [wrong(portal, "klitfon", "buyer@klitfon.example", f"198.51.100.{n}", 12) for n in range(8)]
    assert looked_at == [10, 10, 10, 10, 10, 3, 3, 3], "each address has fewer tries of what many are guessing at"
    [(count,)] = portal.sql("select count from throttle where key = 'sign-in:all'")
    assert count == sum(looked_at) > 50
    for local in ("buyer", "owner"):
        assert visit("klitfon").sign_in(f"{local}@klitfon.example").status_code == 303, "the right password is right"


def test_one_address_has_so_many_tries_of_all_accounts(portal: Portal) -> None:
    looked_at = [wrong(portal, "skarvox", f"x{n}@skarvox.example", "198.51.100.99", 10) for n in range(11)]
    assert looked_at == [10] * 10 + [0]


def test_many_tries_at_once_count_as_many(portal: Portal) -> None:
    with ThreadPoolExecutor(40) as pool:
        looked_at = list(
            pool.map(lambda _: wrong(portal, "skarvox", "owner@skarvox.example", "198.51.100.7", 1), range(40))
        )
    assert sum(looked_at) == 10


def test_a_new_password_by_mail_opens_the_door_again(portal: Portal, visit: Visit) -> None:
    guest, email = visit("klitfon"), "member@klitfon.example"
    for _ in range(11):
        guest.sign_in(email.upper(), "wrong")
    assert guest.sign_in(email).status_code == 429
    guest.open(reset_path(portal, visit, email))
    guest.send(guest.path, {**guest.fields, "password": PASSWORD, "password_again": PASSWORD})
    assert guest.sign_in(email).status_code == 303


def test_a_right_password_is_not_counted(visit: Visit) -> None:
    for _ in range(12):
        assert visit("klitfon").sign_in("owner@klitfon.example").status_code == 303


def test_an_old_hash_is_made_anew(portal: Portal, visit: Visit) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    portal.sql("update person set password_hash = %s where email = 'member@skarvox.example'", weak)
    assert visit("skarvox").sign_in("member@skarvox.example").status_code == 303
    stored = portal.sql("select password_hash from person where email = 'member@skarvox.example'")[0][0]
    assert "m=19456,t=2,p=1" in stored


def test_a_closed_account_is_out_at_once(portal: Portal, visit: Visit) -> None:
    guest = visit("skarvox")
    assert guest.sign_in("owner2@skarvox.example").status_code == 303
    portal.sql("update person set active = false where email = 'owner2@skarvox.example'")
    assert guest.request("GET", "/home").status_code == 303
    assert guest.sign_in("owner2@skarvox.example").status_code == 422
    portal.sql("update person set active = true where email = 'owner2@skarvox.example'")


def test_signing_out_ends_the_session(portal: Portal, visit: Visit) -> None:
    guest = visit("baeltkom")
    guest.sign_in("owner@baeltkom.example")
    token = next(c.value for c in guest.client._cookies.values() if c.key == "login")
    answer = guest.post("/logout")
    assert answer.location == "/" and "storage" in answer.headers["Clear-Site-Data"]
    again = visit("baeltkom")
    again.client.set_cookie("login", token, domain=again.host)
    assert again.request("GET", "/home").status_code == 303


def test_a_session_ends_by_itself(portal: Portal, visit: Visit) -> None:
    guest = visit("baeltkom")
    guest.sign_in("owner@baeltkom.example")
    later(portal, hours=11)
    assert guest.request("GET", "/home").status_code == 200
    later(portal, hours=2)
    ended = guest.request("GET", "/home").location
    assert "ended=1" in ended
    said = guest.open(ended).text
    assert "Du er blevet logget ud" in said and "kladde" not in said  # that is said of a draft's page alone


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(portal: Portal, visit: Visit) -> None:
    guest = visit("fjallton")
    guest.sign_in("buyer@fjallton.example")
    page = guest.post("/orders/new", {"kind": "mobile"}).location
    guest.open(page)
    here = f"http://{guest.host}:8000{guest.path}"
    later(portal, hours=13)
    by_htmx = {"HX-Request": "true", "HX-Current-URL": here}
    htmx = guest.request("POST", guest.path, guest.fields, headers=by_htmx)
    assert htmx.status_code == 401
    assert htmx.headers["HX-Redirect"] == f"/login?next={guest.path}&ended=1"
    plain = guest.request("POST", guest.path, guest.fields, headers={"Referer": here})
    assert (plain.status_code, plain.location) == (303, f"/login?next={guest.path}&ended=1")
    wanted = guest.path
    guest.open(plain.location)
    assert "sparad som utkast" in guest.text
    guest.send("/login", {**guest.fields, "email": "buyer@fjallton.example", "password": PASSWORD})
    assert guest.path == wanted


@pytest.mark.parametrize("path", ["/login", "/logout", "/reset", "/reset/x", "/language", "/company/addresses"])
def test_no_form_works_without_its_token(portal: Portal, visit: Visit, path: str) -> None:
    visitor = visit("fjallton", "owner")
    before = portal.rows()
    data = {"email": "owner@fjallton.example", "password": PASSWORD, "language": "da", "name": "x"}
    # Refused, or shown again with what was typed; see test_drafts.py.
    assert visitor.request("POST", path, data).status_code in {403, 409}
    assert portal.rows() == before


# A lost password


def test_a_mailed_link_sets_a_password_once(portal: Portal, visit: Visit) -> None:
    other = visit("klitfon")
    other.sign_in("member@klitfon.example")
    path = reset_path(portal, visit)
    for _ in range(3):  # a mail scanner looks
        form = visit("klitfon").open(path)
        assert form.status == 200
    assert form.response.headers["Referrer-Policy"] == "no-referrer"
    assert "member@" not in form.response.get_data(as_text=True)
    short = form.send(path, {**form.fields, "password": "too short", "password_again": "too short"})
    assert short.status == 422
    differs = form.send(path, {**form.fields, "password": NEW, "password_again": NEW + "!"})
    assert differs.status == 422
    done = form.send(path, {**form.fields, "password": NEW, "password_again": NEW})
    assert done.path == "/login"
    assert other.request("GET", "/home").status_code == 303, "every session has ended"
    assert visit("klitfon").sign_in("member@klitfon.example").status_code == 422
    assert visit("klitfon").sign_in("member@klitfon.example", NEW).status_code == 303
    assert visit("klitfon").open(path).status == 410
    assert form.post(path, {"password": NEW, "password_again": NEW}).status_code == 410


def test_a_link_holds_for_an_hour_and_the_newest_alone(portal: Portal, visit: Visit) -> None:
    first = reset_path(portal, visit, "owner@klitfon.example")
    later(portal, minutes=1)
    second = reset_path(portal, visit, "owner@klitfon.example")
    assert visit("klitfon").open(first).status == 410
    assert visit("klitfon").open(second).status == 200
    assert visit("baeltkom").open(second).status == 410, "it is the tenant's own"
    later(portal, minutes=61)
    assert visit("klitfon").open(second).status == 410


def test_a_closed_account_is_told_so_by_its_link_and_by_its_right_password(portal: Portal, visit: Visit) -> None:
    email, guest = "buyer@klitfon.example", visit("klitfon")
    portal.speak("klitfon", "buyer", "da")
    path, again = reset_path(portal, visit, email), reset_path(portal, visit, "member@klitfon.example")
    form = guest.open(path).fields
    portal.sql("update person set active = false where email = %s", email)
    before = portal.sql("select password_hash from person where email = %s", email)
    for answer in (guest.open(path), guest.send(path, {**form, "password": NEW, "password_again": NEW})):
        assert answer.status == 410 and answer.h1 == portal.words("klitfon").gettext("Your account is closed")
    assert portal.sql("select password_hash from person where email = %s", email) == before
    told = guest.sign_in(email).get_data(as_text=True)
    assert "Din konto er lukket" in told or "Kontoen er lukket" in told
    stranger = guest.sign_in(email, "wrong").get_data(as_text=True)
    assert "lukket" not in stranger, "nor does one who guesses"
    assert visit("klitfon").open(again).status == 200
    guest.open("/reset")
    guest.send("/reset", {**guest.fields, "email": email})
    assert guest.path == "/reset/sent", "a stranger learns nothing"
    portal.sql("update person set active = true where email = %s", email)


@pytest.mark.parametrize("path", ["/login", "/", "/home", "/nowhere"])
def test_a_wish_for_another_protocol_is_not_heard(visit: Visit, path: str) -> None:
    wish = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    plain, wished = visit().request("GET", path), visit().request("GET", path, headers=wish)
    assert (wished.status_code, wished.location) == (plain.status_code, plain.location)


def test_asking_for_a_link_tells_nothing(portal: Portal, visit: Visit) -> None:
    def ask(email: str) -> tuple[str, int]:
        guest = visit("baeltkom").open("/reset")
        jobs = len(portal.sql("select 1 from procrastinate_jobs where task_name = 'mail_reset'"))
        guest.send("/reset", {**guest.fields, "email": email})
        return guest.text, len(portal.sql("select 1 from procrastinate_jobs where task_name = 'mail_reset'")) - jobs

    assert ask("owner@baeltkom.example") == ask("nobody@baeltkom.example")
    unknown = portal.sql("select id from token where tenant = 'baeltkom' and person is null")
    with portal.store.work(Scope("baeltkom", None, "test")) as work:
        assert sign_in.reset_mail(work, portal.app.extensions["skylt"].secret, unknown[0][0], portal.now) is None


def test_a_page_that_sends_no_referrer_is_still_ours(portal: Portal, visit: Visit) -> None:
    path = reset_path(portal, visit, "owner@klitfon.example")
    form = visit("klitfon").open(path)
    fields = {**form.fields, "password": PASSWORD, "password_again": PASSWORD}
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303)):
        headers = {"Origin": "null", "Sec-Fetch-Site": site}
        assert form.request("POST", path, fields, headers=headers).status_code == status


def test_no_live_token_is_stored(portal: Portal, visit: Visit) -> None:
    token = reset_path(portal, visit, "owner2@klitfon.example").rsplit("/", 1)[1]
    assert not portal.sql("select 1 from token where token::text like %s", f"%{token}%")
    assert not portal.sql("select 1 from procrastinate_jobs where args::text like %s", f"%{token}%")


# Settings


@pytest.mark.parametrize("slug", ["fjallton", "baeltkom"])
def test_the_language_is_the_persons_and_the_browsers(portal: Portal, visit: Visit, slug: str) -> None:
    guest = visit(slug, "member")
    portal.speak(slug, "member", "sv")
    for language in ("da", "sv"):
        answer = guest.post("/language", {"language": language, "next": "/subscriptions?q=a"})
        assert answer.location == "/subscriptions?q=a"
        assert guest.open("/home").dom.get("lang") == language
    stranger = visit(slug)
    stranger.post("/language", {"language": "da", "next": "//evil.example"})
    assert stranger.open("/").dom.get("lang") == "da"
    stranger.post("/language", {"language": "xx", "next": "/"})
    assert stranger.open("/").dom.get("lang") == "da"


def test_somebody_can_sign_out_another_browser(portal: Portal, visit: Visit) -> None:
    portal.sql("delete from login_session where tenant = 'skarvox'")
    here, there, third = visit("skarvox"), visit("skarvox"), visit("skarvox")
    for guest in (here, there, third):
        guest.sign_in("buyer@skarvox.example")
    account = here.open("/account")
    ways = account.dom.xpath("//main//form[contains(@action, '/revocation')]/@action")
    assert len(ways) == 3  # there, third, everywhere else
    assert here.post(ways[0]).location == "/account"
    assert sorted((there.request("GET", "/home").status_code, third.request("GET", "/home").status_code)) == [200, 303]
    here.post("/account/sessions/others/revocation")
    assert {there.request("GET", "/home").status_code, third.request("GET", "/home").status_code} == {303}
    assert here.request("GET", "/home").status_code == 200


def test_nobody_signs_out_somebody_else(portal: Portal, visit: Visit) -> None:
    portal.session("fjallton", "owner")
    with portal.store.work(Scope("fjallton", None, "test")) as work:
        owner = portal.person("fjallton", "owner")
        session = sign_in.devices(work, owner, "", portal.now)[0].id
    assert visit("fjallton", "buyer").post(f"/account/sessions/{session}/revocation").status_code == 404


def test_only_two_passwords_are_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE", 0.01)
    with passwords._Turn(), passwords._Turn(), pytest.raises(passwords.Crowded):
        passwords.hashed("whatever it is")


def test_last_seen_follows_every_few_minutes(portal: Portal, visit: Visit) -> None:
    guest = visit("skarvox")
    guest.sign_in("member@skarvox.example")
    portal.now += timedelta(minutes=7)
    guest.request("GET", "/home")
    seen = portal.sql("select max(last_seen) from login_session where tenant = 'skarvox'")[0][0]
    assert seen == portal.now


HOSTILE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
    "https://evil.example", "http:evil.example", "HTTPS://evil.example", "https:/evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ftp://evil.example", "mailto:x@evil.example", "evil.example",
    "home", "./home", "../home", "/../evil", "/%2e%2e//evil.example", "/%5cevil.example", "/%2f/evil.example", "?next=//x",
    "#x", "", " /home", "/home ", "\t/home", "/home\n", "/home\r\nSet-Cookie: a=b", "/\u2028home", "/hom\0e", "/home\u00a0",
    "/\tevil.example", "/;@evil.example", "/@evil.example", "//localhost/home", "//fjallton.localhost/home", "/home//x",
    "/logout", "/language", "/nowhere", "/" + "a" * 2001, "/\uff0fevil.example", "/\u3002evil.example", "http://fjallton.localhost/home",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_no_hostile_path_is_followed(portal: Portal, path: str) -> None:
    with portal.app.test_request_context():
        assert safe_path(path) is None
        assert nearest_page(path) == "/" or safe_path(nearest_page(path))


@pytest.mark.parametrize(
    "path", ["/home", "/subscriptions?q=a%20b&unassigned=yes", "/drafts/x1/lines/2", "/orders/FJ-2345-67"]
)
def test_a_page_of_ours_is(portal: Portal, path: str) -> None:
    with portal.app.test_request_context():
        assert safe_path(path) == nearest_page(path) == path


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/orders/FJ-2345-67/lines/1/signing/address", "/orders/FJ-2345-67/lines/1/signing"),
        ("/admin/orders/FJ-2345-67/lines/1/signing/withdraw", "/admin/orders/FJ-2345-67/lines/1/signing"),
        ("/drafts/x1/submission", "/drafts/x1"),
        ("/logout", "/"),
        ("//evil.example/home", "/"),
    ],
)
def test_what_can_only_be_posted_to_lies_below_its_page(portal: Portal, path: str, page: str) -> None:
    with portal.app.test_request_context():
        assert nearest_page(path) == page
