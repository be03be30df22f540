"""Everything wrong that can be sent: told in the user's language, nothing lost, nothing changed, never a failure of ours."""

from __future__ import annotations

import io
import logging
import random
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from tests.browsing import Portal, Visitor
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.draft import Draft, Line
from webapp.store.platform.scope import Scope
from webapp.web.request_guard import MOST_FIELDS

HTMX = {"HX-Request": "true"}
BASE = {
    "fjallton": {"kind": "mobile", "binding": "none", "call_rate": "flat", "data": "FJ-D40"},
    "baeltkom": {"product": "BK-MOBIL", "data": "BK-L", "binding": "none"},
    "klitfon": {"product": "KF-M", "binding": "none"},
}
PORT = {"number_source": "port", "port.owner_type": "other", "port.signatory": "other"}
PORT_DK = {**PORT, "port.mode": "date"}
CARD = {"number_source": "new", "sim": "icc"}
USER = {**CARD, "icc": "89469900000000000010", "delivery": "new", "pbx": "standalone", "user_mode": "new"}
TOPUP = {**USER, "user_mode": "later"}

RTL, FULL, ARABIC = (
    "\u202e",
    str.maketrans("0123456789", "０１２３４５６７８９"),
    str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
)
MOBILE = "0701740680"
LONG = "9" * 10_000
MAIL = "asa@granit.example"

SAID: list[tuple[str, str, dict[str, str], str, str, str]] = [
    # tenant, step, answers before, question, what is typed, the key of what is said
    *(
        ("fjallton", "nummer", PORT, "port.number", typed, "port.number.mobile")
        for typed in (
            "070-174 O6 80", MOBILE.translate(FULL), MOBILE.translate(ARABIC), f"{MOBILE};ext=5", f"{MOBILE}#1",
            f"{MOBILE[:5]}\0{MOBILE[5:]}", "070174068", f"{MOBILE}0", LONG, "+1 212 555 0100",
            "112", "08-465 004 90", "-" * 20, "+++46701740680", "070\n1740680",
        )
    ),
    ("fjallton", "nummer", PORT, "port.number", "070-174 06 60", "port.number.ours"),
    ("fjallton", "nummer", PORT, "port.number", "0046 70 174 06 68", "port.number.ours"),  # the neighbour company's
    ("fjallton", "nummer", PORT, "port.number", "070-174 06 45", "port.number.elsewhere"),  # free with another seller
    ("fjallton", "nummer", PORT, "port.number", "070-174 06 70", "port.number.elsewhere"),  # in use with another seller
    *(
        ("baeltkom", "", PORT_DK, "port.number", typed, "port.number.mobile")
        for typed in ("12345678", "20 00 00 5O", "２０００００５０", "20 00 00 5", "+46 70 174 06 80", LONG)
    ),
    ("baeltkom", "", PORT_DK, "port.number", "20000080", "port.number.ours"),
    *(
        ("fjallton", "nummer", {"number_source": "specific"}, "specific_number", typed, "specific.taken")
        for typed in ("070-174 06 60", "070-174 06 68", "070-174 06 45", "070-174 06 99")
    ),
    ("fjallton", "nummer", {"number_source": "specific"}, "specific_number", "08-465 004 20", "port.number.mobile"),
    *(
        ("fjallton", "nummer", PORT, "port.owner_id", typed, code)
        for typed, code in (
            ("559999-0017", "port.owner_id.check"), ("0000000000", "port.owner_id.check"), ("559999-001", "port.owner_id.length"),
            ("", "port.owner_id.missing"),
            ("5599990016".translate(FULL), "port.owner_id.length"), ("SE55999900160", "port.owner_id.length"),
            (LONG, "port.owner_id.length"), ("55999900\x0016", "port.owner_id.length"),
        )
    ),
    *(
        ("baeltkom", "", PORT_DK, "port.owner_id", typed, code)
        for typed, code in (
            ("99000008", "port.owner_id.check"), ("00000000", "port.owner_id.check"), ("9900000", "port.owner_id.length"),
            ("5599990016", "port.owner_id.length"),
        )
    ),
    *(
        ("fjallton", "nummer", PORT, "port.date", typed, code)
        for typed, code in (
            ("2026-11-25", "port.date.early"), ("2026-12-05", "port.date.weekend"), ("2026-12-25", "port.date.weekend"),
            ("2027-01-06", "port.date.weekend"), ("2026-02-30", "date.unknown"), ("i morgon", "port.date.shape"),
            ("2026-12-08".translate(ARABIC), "port.date.shape"), ("2029-12-04", "port.date.late"), (LONG, "port.date.shape"),
            ("0000-00-00", "date.unknown"), ("2026-12-08T10:00", "port.date.shape"), ("9999-12-31", "port.date.late"),
        )
    ),
    ("baeltkom", "", PORT_DK, "port.date", "25.12.2026", "port.date.weekend"),
    ("baeltkom", "", PORT_DK, "port.date", "30.02.2027", "date.unknown"),
    *(
        ("fjallton", "nummer", PORT, "port.email", typed, "email.shape")
        for typed in (
            "asa", "asa@", "@granit.example", f"{MAIL}\r\nBcc: x@evil.example", f"{MAIL}%0aBcc:x", "=?utf-8?q?a?=@granit.example",
            f"Åsa <{MAIL}>", f"{MAIL},b@c.example", f"{MAIL}\0", "asa@granit.example.", "a b@c.example",
        )
    ),
    ("fjallton", "nummer", PORT, "port.email", "åsa@granit.example", "email.letters"),
    ("fjallton", "nummer", PORT, "port.operator", "x" * 500, "text.long"),
    ("fjallton", "anvandare", USER, "user.first", "\u3164", "first.missing"),
    ("fjallton", "nummer", PORT, "port.email", "a" * 10_000 + "@b.example", "text.long"),
    *(
        ("fjallton", "sim", CARD, "icc", typed, code)
        for typed, code in (
            ("894699000000000001", "icc.length"), ("894699000000000000100000", "icc.length"), ("88469900000000000010", "icc.prefix"),
            ("8946990000000000001A", "icc.digits"), ("89469900000000000010".translate(FULL), "icc.digits"), (LONG, "icc.length"),
            ("89469900000000000010\0", "icc.digits"),
        )
    ),
    *(
        ("fjallton", "anvandare", USER, "user.first", typed, code)
        for typed, code in (
            ("M" * 10_000, "text.long"), ("Må\0ja", "text.control"), (f"Må{RTL}ja", "text.control"), ("Må\x1bja", "text.control"),
            ("Må\nja", "text.control"), ("\u2066Maja", "text.control"), ("Ma\ufeffja", "text.control"), ("😀" * 2000, "text.long"),
        )
    ),
    *(
        ("fjallton", step, before, question, typed, "option.unknown")
        for step, before, question, typed in (
            ("data", {}, "data", "FJ-D9000"), ("data", {}, "data", "BK-L"), ("avtal", {}, "binding", "agreement'--"),
            ("avtal", {"binding": "agreement"}, "months", "60"), ("avtal", {"binding": "agreement"}, "months", "-24"),
            ("avtal", {}, "call_rate", "free"), ("nummer", {}, "number_source", "mail"), ("nummer", {}, "number_source", "NEW"),
            ("nummer", {"number_source": "reserved"}, "reserved_number", "+467017406"),
            ("sim", {"number_source": "new"}, "sim", "\0"), ("sim", {"number_source": "new"}, "sim", LONG),
            ("tillval", TOPUP, "topup", "maybe"),
        )
    ),
    *(
        ("fjallton", "tillval", TOPUP, "data_cards", typed, code)
        for typed, code in (
            ("-1", "count.shape"), ("1e3", "count.shape"), ("٣", "count.shape"), ("³", "count.shape"), ("1.5", "count.shape"),
            ("4", "data_cards.max"), ("9999", "data_cards.max"), (LONG, "count.shape"), ("0x1", "count.shape"), ("½", "count.shape"),
        )
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def visitors(portal: Portal) -> dict[str, Visitor]:
    """An account owner at each tenant, with a token."""
    return {slug: portal.visitor(slug).open("/home") for slug in ("fjallton", "skarvox", "baeltkom", "klitfon")}


@pytest.fixture(autouse=True)
def nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test here may make the portal log a failure."""
    with caplog.at_level(logging.ERROR):
        yield
    assert not [record for record in caplog.records if record.exc_info], caplog.text


def a_draft(portal: Portal, slug: str, *lines: Mapping[str, str], local: str = "owner") -> str:
    """A draft with these answers, as if somebody had come so far."""
    person = portal.person(slug, local)
    assert person.company
    made = Draft(
        secrets.token_urlsafe(9), person.company.id, "sv", portal.tenant(slug).revision, person.id, person.id, portal.now,
        lines=tuple(Line(n, answers) for n, answers in enumerate(lines, 1)),
    )  # fmt: skip
    with portal.store.work(Scope(slug, person.company.id, person.id)) as work:
        work.drafts.add(made)
    return made.id


def page_of(draft: str, step: str, n: int = 1) -> str:
    """The address of a step; a form of columns has one page."""
    return f"/drafts/{draft}/lines/{n}" + (f"/{step}" if step else "")


def matches(text: str, said: str) -> bool:
    """Whether these are those words, whatever was filled in."""
    parts = re.split(r"%\(\w+\)s", text)
    return bool(re.fullmatch(".+".join(map(re.escape, parts)), said))


def error_at(visitor: Visitor, question: str) -> str:
    """The message in a question's slot, without what only screen readers are told."""
    found = visitor.dom.xpath(
        f"//*[@id='err-{question.replace('.', '-')}']//text()[not(ancestor::*[contains(@class, 'visually-hidden')])]"
    )
    return " ".join("".join(found).split())


@pytest.mark.parametrize("language", ["sv", "da"])
def test_each_is_told_in_the_users_language_beside_what_was_typed(
    portal: Portal, visitors: dict[str, Visitor], language: str
) -> None:
    for slug in visitors:
        portal.speak(slug, "owner", language)
    others = {t: r for t, r in portal.rows().items() if t not in {"draft", "draft_line"}}
    wrong = []
    once = {(case[0], case[3], case[5]): case for case in SAID}  # in Danish, one of each thing that can be said
    for slug, step, before, question, typed, code in SAID if language == "sv" else once.values():
        visitor, draft = visitors[slug], a_draft(portal, slug, {**BASE[slug], **before})
        visitor.open(page_of(draft, step))
        assert question in visitor.asks(), (slug, step, question, visitor.path)
        visitor.send(visitor.path, {**visitor.fields, question: typed})
        said = error_at(visitor, question)
        about = f"{slug} {question} {typed[:30]!r}: {visitor.status} {said!r}"
        if visitor.status != 422 or not matches(portal.words(slug, language).say(code), said):
            wrong.append(about)
            continue
        assert said in visitor.errors, about
        [(answers,)] = portal.sql("select answers from draft_line where n = 1 and draft = %s", draft)
        assert answers.get(question) in (None, before.get(question), BASE[slug].get(question)), about
        control = visitor.form.inputs[question]
        if getattr(control, "type", "radio") not in {"radio", "checkbox"} and not set(typed) & set("\0\r\n"):
            assert control.value == typed, about
    assert not wrong, "\n".join(wrong)
    assert {t: r for t, r in portal.rows().items() if t not in {"draft", "draft_line"}} == others


def test_what_is_right_on_the_same_page_is_kept(portal: Portal, visitors: dict[str, Visitor]) -> None:
    visitor = visitors["fjallton"]
    draft = a_draft(portal, "fjallton", {**BASE["fjallton"], **PORT})
    visitor.open(page_of(draft, "nummer"))
    visitor.send(
        visitor.path,
        {**visitor.fields, "port.number": "070-174 06 80", "port.owner_id": "1", "port.owner_name": "Ek & Co"},
    )
    assert visitor.status == 422
    assert (visitor.fields["port.number"], visitor.fields["port.owner_id"]) == ("070-174 06 80", "1")
    [(answers,)] = portal.sql("select answers from draft_line where n = 1 and draft = %s", draft)
    assert (answers["port.number"], answers["port.owner_name"]) == ("+46701740680", "Ek & Co")


def test_a_doubt_is_passed_by_pressing_again(portal: Portal, visitors: dict[str, Visitor]) -> None:
    visitor = visitors["fjallton"]
    portal.speak("fjallton", "owner", "sv")
    for step, before, question, typed, code in (
        ("sim", CARD, "icc", "89469900000000000017", "icc.luhn"),
        ("nummer", PORT, "port.email", "asa@gmial.com", "email.typo"),
    ):
        draft = a_draft(portal, "fjallton", {**BASE["fjallton"], **before})
        complete = {
            "delivery": "new", "port.number": "070-174 06 81", "port.operator": "Granlinjen", "port.customer_no": "1",
            "port.owner_name": "Ek", "port.owner_id": "5599991014", "port.owner_address": "Gatan 1", "port.date": "2026-12-08",
            "port.signer_name": "Åsa Ek", "port.binding_ack": "yes", question: typed,
        }  # fmt: skip
        visitor.open(page_of(draft, step))
        fields = {q: complete.get(q, value) for q, value in visitor.fields.items()}
        fields |= {q: complete[q] for q in visitor.asks() if q in complete}
        visitor.send(visitor.path, fields)
        assert visitor.status == 422, (visitor.path, visitor.errors)
        assert visitor.errors == []
        assert matches(portal.words("fjallton", "sv").say(code), error_at(visitor, question))
        visitor.send(visitor.path, visitor.fields)
        assert visitor.status == 200 and not visitor.path.endswith(step), visitor.errors


def test_twice_in_one_order(portal: Portal, visitors: dict[str, Visitor]) -> None:
    portal.speak("fjallton", "owner", "sv")
    portal.speak("baeltkom", "owner", "da")
    for slug, step, question, value, typed, code in (
        ("fjallton", "nummer", "port.number", "+46701740682", "070-174 06 82", "port.number.twice"),
        ("fjallton", "sim", "icc", "89469900000000000028", "8946 9900 0000 0000 0028", "icc.twice"),
        ("baeltkom", "", "user.initials", "ABC", "abc", "initials.taken"),
    ):
        before = PORT if question == "port.number" else CARD if question == "icc" else {"number_source": "new"}
        first = {**BASE[slug], **before, "user_mode": "new", "user.first": "Maja", "user.last": "Ek", question: value}
        draft = a_draft(portal, slug, first, {**BASE[slug], **before})
        visitor = visitors[slug].open(page_of(draft, step, 2))
        visitor.send(visitor.path, {**visitor.fields, question: typed})
        assert visitor.status == 422
        assert matches(portal.words(slug, {"fjallton": "sv"}.get(slug, "da")).say(code), error_at(visitor, question)), (
            question
        )
        assert "Maja Ek" in error_at(visitor, question)


@pytest.mark.parametrize("slug", ["fjallton", "baeltkom"])
def test_a_reserved_number_that_a_colleague_took_meanwhile(
    portal: Portal, visitors: dict[str, Visitor], slug: str
) -> None:
    portal.speak(slug, "owner", {"fjallton": "sv"}.get(slug, "da"))
    step, source = {"fjallton": ("nummer", "reserved"), "baeltkom": ("", "new")}[slug]
    mine, theirs = (a_draft(portal, slug, {**BASE[slug], "number_source": source}) for _ in range(2))
    visitor = visitors[slug].open(page_of(mine, step))
    free = next(n for n in visitor.form.inputs["reserved_number"].value_options if n.startswith("+"))
    fields, other = visitor.fields, visitors[slug].open(page_of(theirs, step))
    other.send(other.path, {**other.fields, "reserved_number": free})
    visitor.open("/home").send(page_of(mine, step), {**fields, "reserved_number": free})
    said = portal.words(slug).say("reserved.taken", n=show_msisdn(free, portal.tenant(slug).market))
    assert (visitor.status, error_at(visitor, "reserved_number")) == (422, said)


def test_a_price_in_the_post_is_not_read(portal: Portal, visitors: dict[str, Visitor]) -> None:
    complete = {**BASE["fjallton"], **TOPUP, "delivery.name": "M", "delivery.street": "G 1", "delivery.zip": "11418"}
    complete |= {"delivery.city": "Solna", "topup": "no", "data_cards": "0"}
    draft = a_draft(portal, "fjallton", complete)
    visitor = visitors["fjallton"].open(f"/drafts/{draft}/review")
    seen = visitor.fields["seen"]
    lies = {
        "price": "1", "monthly_net": "0", "total": "0", "amount": "0,01", "plan": "FREE", "quote": "{}", "discount": "100",
        "company": "x", "tenant": "baeltkom", "state": "active", "vat": "0",
    }  # fmt: skip
    visitor.send(f"/drafts/{draft}/submission", {**visitor.fields, **lies, "terms": "yes", "seen": seen})
    assert visitor.path.endswith("/receipt"), visitor.errors
    quote = portal.order("fjallton", visitor.path.split("/")[2]).quote
    assert (quote.monthly.net.minor, quote.once.net.minor) == (27800, 29900)


def test_a_quote_that_was_not_ours_is_not_believed(portal: Portal, visitors: dict[str, Visitor]) -> None:
    complete = {
        **BASE["fjallton"],
        **TOPUP,
        "icc": "89469900000000000028",
        "delivery.name": "M",
        "delivery.street": "G 1",
    }
    complete |= {"delivery.zip": "11418", "delivery.city": "Solna", "topup": "no", "data_cards": "0"}
    drafts = [a_draft(portal, "fjallton", complete) for _ in range(2)]
    visitor = visitors["fjallton"]
    seen = {draft: visitor.open(f"/drafts/{draft}/review").fields["seen"] for draft in drafts}
    for forged in (
        "", "x", seen[drafts[1]], seen[drafts[0]][:-1], seen[drafts[0]].swapcase(), "9" * 100_000, "\0", "{}", seen[drafts[0]] + "."
    ):  # fmt: skip
        visitor.open(f"/drafts/{drafts[0]}/review")
        visitor.send(f"/drafts/{drafts[0]}/submission", {**visitor.fields, "terms": "yes", "seen": forged})
        assert visitor.status == 422, forged[:40]
        assert portal.sql('select count(*) from "order" where draft = any(%s)', drafts) == [(0,)]


@pytest.mark.parametrize("ref", ["R" * 10_000, "R" * 61, "a\0b", "a\nb", f"{RTL}a", "a\x7f", "a\u2028b", "😀" * 61])
def test_a_reference_that_cannot_be(portal: Portal, visitors: dict[str, Visitor], ref: str) -> None:
    draft = a_draft(portal, "fjallton", {**BASE["fjallton"], **TOPUP})
    visitor = visitors["fjallton"].open(f"/drafts/{draft}/review")
    visitor.send(f"/drafts/{draft}/submission", {**visitor.fields, "ref": ref, "terms": "yes"})
    assert visitor.status == 422
    assert error_at(visitor, "ref") in visitor.errors and error_at(visitor, "ref")
    assert visitor.fields["terms"] == "yes"
    assert portal.sql("select reference from draft where id = %s", draft) == [("",)]


def test_too_much_is_refused_at_once(portal: Portal, visitors: dict[str, Visitor]) -> None:
    visitor = visitors["fjallton"]
    draft = a_draft(portal, "fjallton", {**BASE["fjallton"]})
    token, before = visitor.token, portal.rows()
    many = "&".join(f"f{n}=1" for n in range(5000))
    same = "&".join("number_source=new" for _ in range(MOST_FIELDS + 1))
    parts = {f"f{n}": "1" for n in range(2000)}
    file = {"icc": (io.BytesIO(b"x" * 700_000), "sim.csv"), "csrf_token": token}
    for sent, kind in (
        (many, "application/x-www-form-urlencoded"),
        (same, "application/x-www-form-urlencoded"),
        ("icc=" + "9" * 600_000, "application/x-www-form-urlencoded"),
        ("x=" + "a" * 3_000_000, "application/x-www-form-urlencoded"),
        (parts, "multipart/form-data"),
        ({"icc": "9" * 600_000}, "multipart/form-data"),
    ):
        answer = visitor.request(
            "POST", page_of(draft, "nummer"), sent, content_type=kind, headers={"X-CSRFToken": token}
        )
        assert answer.status_code == 413, (kind, str(sent)[:20])
        assert "Fjällton" in answer.get_data(as_text=True)
    assert visitor.request("POST", page_of(draft, "nummer"), file).status_code < 500
    assert portal.rows() == before


# Anything, everywhere

ROUTES = (
    "/orders/new", "/drafts/{d}/lines", "/drafts/{d}/lines/1", "/drafts/{d}/lines/1/typ", "/drafts/{d}/lines/1/nummer",
    "/drafts/{d}/lines/1/start", "/drafts/{d}/lines/1/change", "/drafts/{d}/lines/1/check/icc", "/drafts/{d}/lines/1/check/user",
    "/drafts/{d}/lines/1/check/nothing", "/drafts/{d}/lines/1/remove", "/drafts/{d}/lines/7/remove", "/drafts/{d}/lines/1/restore",
    "/drafts/{d}/lines/0/restore", "/drafts/{d}/discard", "/drafts/{d}/restore", "/drafts/{d}/hold", "/drafts/{d}/submission",
    "/company/addresses", "/language", "/reset",
)  # fmt: skip
FIELDS = (
    "kind", "product", "binding", "months", "number_source", "specific_number", "reserved_number", "port.number", "port.date",
    "port.owner_id", "port.email", "icc", "eid", "esim_email", "user", "user_mode", "user.first", "user.email", "data_cards", "topup",
    "delivery", "delivery.zip", "changed", "seq", "rev", "tab", "shown", "like", "seen", "terms", "ref", "return", "later", "update",
    "use.port.number", "search", "q", "next", "language", "email", "name", "street", "zip", "city", "unknown", "a[b]", "__proto__",
)  # fmt: skip
VALUES = (
    "", " ", "\0", "\r\n", "\t", RTL, "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "-1", "0", "1", "yes",
    "٣", "１", "1e309", "NaN", "null", "undefined", "true", "[]", "{}", "'", '"', "';drop table draft--", "%00", "%s%n", "%(x)s",
    "{{7*7}}", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "../../etc/passwd", "//evil.example",
    "javascript:alert(1)", "A" * 10_000, "9" * 5_000, "å" * 300, "😀" * 50, "a@b.example\r\nBcc: c@d.example", "=?utf-8?q?x?=",
    "2026-02-30", "2026-12-25", "0701740660", "+4670174060;ext=1", "89469900000000000017", "mobile", "new", "port", "agreement",
    "n", "nummer", "number_source", "port.number", "\\", "\x7f", "\ufeff", "\u2028", "a\u0301" * 200, "Ａ" * 40,
)  # fmt: skip
INTERNALS = re.compile(
    r"Traceback|psycopg|sqlalchemy|jinja2|werkzeug|File \"|site-packages|/webapp/|pg_catalog|pg_class|relation \"|NoneType|object at 0x",
    re.I,
)


def send(visitor: Visitor, path: str, fields: list[tuple[str, str]], how: str) -> Any:
    """Sends fields in one of the ways a client can."""
    headers = {"X-CSRFToken": visitor.token, **(HTMX if "htmx" in how else {})}
    data: dict[str, list[Any]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    if "json" in how:
        return visitor.request("POST", path, headers=headers, json=data)
    if "wrong" in how:
        return visitor.request("POST", path, str(data).encode(), headers=headers, content_type="application/x-protobuf")
    if "broken" in how:
        return visitor.request(
            "POST",
            path,
            b"--x\r\nContent-Disposition: form-data; name=",
            headers=headers,
            content_type="multipart/form-data; boundary=x",
        )
    if "latin" in how:
        body = "&".join(f"{name}={value}" for name, value in fields).encode("latin-1", "replace")
        return visitor.request("POST", path, body, headers=headers, content_type="application/x-www-form-urlencoded")
    if "multipart" in how:
        return visitor.request("POST", path, data, headers=headers, content_type="multipart/form-data")
    return visitor.request("POST", path, data, headers=headers)


HOWS = ("form", "form htmx", "multipart", "multipart htmx", "json", "json htmx", "wrong", "broken", "latin htmx")


def check(portal: Portal, visitor: Visitor, path: str, fields: list[tuple[str, str]], how: str) -> None:
    """Sends, and holds the answer against what every answer must be."""
    before = portal.sql(_COUNTS)
    answer = send(visitor, path, fields, how)
    body = answer.get_data(as_text=True)
    about = f"{visitor.slug} {path} {how} {str(fields)[:300]} -> {answer.status_code}"
    assert answer.status_code < 500, about
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"], about
    assert not INTERNALS.search(body), about
    assert "<script>alert" not in body and "<img src=x" not in body, about
    assert "evil.example" not in (answer.location or ""), about
    if answer.status_code >= 400:
        assert portal.sql(_COUNTS) == before, about
    if answer.mimetype == "text/html" and body and answer.status_code in {400, 403, 404, 405, 409, 413, 422}:
        assert html.fromstring(body).xpath("//h1"), about


_COUNTS = (
    'select (select count(*) from draft), (select count(*) from "order"), (select count(*) from subscription),'
    " (select count(*) from employee), (select count(*) from address), (select count(*) from procrastinate_jobs),"
    " (select count(*) from number where state = 'allocated'), (select count(*) from person)"
)


@pytest.mark.parametrize("slug", ["fjallton", "baeltkom", "klitfon"])
def test_nonsense_in_every_field_of_every_form(portal: Portal, visitors: dict[str, Visitor], slug: str) -> None:
    dice, visitor = random.Random(20261121), visitors[slug]
    for turn in range(130):
        if turn % 20 == 0:
            draft = a_draft(portal, slug, {**BASE[slug], **(PORT if turn % 40 else CARD)}, BASE[slug])
        path = ROUTES[turn % len(ROUTES)].format(d=draft)
        fields = [(dice.choice(FIELDS), dice.choice(VALUES)) for _ in range(dice.randint(0, 6))]
        if "change" in path:
            question = dice.choice(portal.tenant(slug).composition.asked)
            fields = [("changed", question), (question, dice.choice(VALUES)), *fields]
        check(portal, visitor, path, fields, dice.choice(HOWS))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(
    step=st.sampled_from(["typ", "avtal", "data", "nummer", "sim", "vaxel", "anvandare", "tillval", "change", "check/port.number"]),
    fields=st.lists(st.tuples(st.sampled_from(FIELDS), st.text(max_size=60)), max_size=8),
    how=st.sampled_from(HOWS),
)  # fmt: skip
def test_any_text_in_any_field(
    portal: Portal, visitors: dict[str, Visitor], step: str, fields: list[tuple[str, str]], how: str
) -> None:
    draft = a_draft(portal, "fjallton", {**BASE["fjallton"], **PORT})
    sendable = [(name, value.encode("utf-8", "replace").decode()) for name, value in fields]
    check(portal, visitors["fjallton"], page_of(draft, step), sendable, how)
    for path in (page_of(draft, "nummer"), f"/drafts/{draft}", f"/drafts/{draft}/review"):
        assert visitors["fjallton"].request("GET", path).status_code in {200, 303}


def test_nul_in_a_query_is_no_query(visitors: dict[str, Visitor]) -> None:
    for path in (
        "/orders?q=%00",
        "/orders?%00=1",
        "/company/users/search?q=a%00b",
        "/login?next=%00",
        "/subscriptions?after=%00",
    ):
        answer = visitors["fjallton"].request("GET", path)
        assert answer.status_code == 400 and "Fjällton" in answer.get_data(as_text=True), path


def test_nonsense_in_addresses_and_queries(portal: Portal, visitors: dict[str, Visitor]) -> None:
    dice, visitor = random.Random(7), visitors["fjallton"]
    draft = a_draft(portal, "fjallton", BASE["fjallton"])
    paths = (
        "/orders", "/subscriptions", "/company/users", "/company/users/search", "/company/numbers", "/prices", "/home", "/login",
        "/verify", f"/drafts/{draft}", f"/drafts/{draft}/review", f"/drafts/{draft}/lines/1/typ", "/orders/new", "/reset", "/status",
    )  # fmt: skip
    names = (
        "q",
        "after",
        "state",
        "from",
        "to",
        "page",
        "removed",
        "changed",
        "return",
        "next",
        "code",
        "unassigned",
        "discarded",
        "ref",
    )
    for turn in range(120):
        query = {dice.choice(names): dice.choice(VALUES)[:3000] for _ in range(dice.randint(1, 3))}
        headers = HTMX if dice.random() < 0.3 else {}
        answer = visitor.request("GET", paths[turn % len(paths)], query_string=query, headers=headers)
        body = answer.get_data(as_text=True)
        assert answer.status_code < 500, (answer.request.path, query)
        assert not INTERNALS.search(body), (answer.request.path, query)
        assert "<script>alert" not in body and "<img src=x" not in body, (answer.request.path, query)
        assert "evil.example" not in (answer.location or ""), query
