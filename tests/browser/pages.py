"""Every page of the portal, each in a state worth looking at; a test compares them with the routes, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests import papers
from tests.browser.answers import FIXED_SE, LINE_DK, MOBILE_SE, PORT_DK, PORT_SE, SMALL_SE
from tests.browser.guest import Guest
from tests.browser.signing import Mailed, agree, give, mailed
from webapp import clock
from webapp.operations.papers import exports
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.reading.document_reads import DocumentFilter

Prepare = Callable[[Guest], str]


@dataclass(frozen=True)
class PageOf:
    """A page: whose, where, and how it is brought into its state."""

    name: str
    endpoint: str
    path: str | Prepare
    slug: str = "fjallton"
    who: str = "owner"
    status: int = 200
    act: Callable[[Guest], object] | None = None

    def show(self, guest: Guest) -> Guest:
        """Opens the page in its state."""
        path = self.path if isinstance(self.path, str) else self.path(guest)
        guest.open(path).settled()
        if self.act:
            self.act(guest)
            guest.settled()
        return guest


def _step(step: str, **more: str) -> Prepare:
    def prepare(guest: Guest) -> str:
        return f"/drafts/{guest.draft({**MOBILE_SE, **more})}/lines/1/{step}"

    return prepare


def _columns(**more: str) -> Prepare:
    def prepare(guest: Guest) -> str:
        return f"/drafts/{guest.draft({'product': 'BK-MOBIL', **more})}/lines/1"

    return prepare


def _full_columns(guest: Guest) -> str:
    return f"/drafts/{guest.draft({**LINE_DK, **PORT_DK, 'user.initials': 'QZX'})}/lines/1"


def _list(guest: Guest) -> str:
    draft = guest.draft({**MOBILE_SE, **PORT_SE})
    guest.ordering.add_line(draft, 1)
    guest.ordering.add_line(draft)
    guest.ordering.remove_line(draft, 3)
    return f"/drafts/{draft}?removed=3"


def _review(guest: Guest) -> str:
    draft = guest.draft({**MOBILE_SE, **PORT_SE})
    guest.ordering.add_line(draft, 1)
    return f"/drafts/{draft}/review"


def _small(tail: str) -> Prepare:
    return lambda guest: f"/drafts/{guest.draft(SMALL_SE)}/{tail}"


def _order(tail: str) -> Prepare:
    def prepare(guest: Guest) -> str:
        return f"/orders/{an_order(guest)}{tail}"

    return prepare


def _admin_order(guest: Guest) -> str:
    owner = replace(guest, token=guest.stage.session(guest.slug, "owner", guest.screen.language))
    return f"/admin/orders/{an_order(owner)}"


def signed_paper(guest: Guest, number: str = "+46701740691") -> Document:
    """A signed power of attorney of an order at the guest's tenant, put there behind the scenes."""
    owner = replace(guest, token=guest.stage.session(guest.slug, "owner", guest.screen.language))
    ref, store = an_order(owner), guest.stage.portal.store
    with store.work(Scope(guest.slug, None, "test")) as work:
        order = work.orders.get(ref)
    assert order
    return papers.keep(store, guest.slug, order, at=clock.now(), numbers=(number,), subject=f"{ref}-{new_id()[:6]}")


def _documents(guest: Guest) -> str:
    signed_paper(guest)
    return "/admin/documents"


def _export(guest: Guest) -> str:
    paper = signed_paper(guest)
    with guest.stage.portal.store.work(Scope(guest.slug, None, "test")) as work:
        id, problem = exports.ask(
            work, DocumentFilter(q=paper.facts["number"]), {}, "test", guest.screen.language, clock.now()
        )
    assert problem is None
    guest.stage.sql("update export set state = 'cancelled' where id = %s", id)  # it stays as it is
    return f"/admin/exports/{id}"


def an_order(guest: Guest) -> str:
    """The reference of an order; one is placed at each tenant, behind the scenes."""
    known = guest.stage.sql('select ref from "order" where tenant = %s order by ref limit 1', guest.slug)
    if known:
        return str(known[0][0])
    answers = {
        **(FIXED_SE if guest.slug == "fjallton" else LINE_DK),
        "user.initials": "TUR",
        "user.email": "tur@hav.example",
    }
    draft = guest.draft(answers)
    done = guest.ordering.submit(draft, guest.ordering.review(draft).seen, True, "Ordning 7")
    assert done.placed, done
    return done.placed.ref


_waiting: dict[tuple[int, str], Mailed] = {}
"""One power of attorney a tenant that is looked at and never signed."""


def _one_that_waits(guest: Guest) -> Mailed:
    key = (guest.stage.port, guest.slug)
    if key not in _waiting:
        _waiting[key] = mailed(guest.stage, guest.slug, language=guest.screen.language)
    return _waiting[key]


def _signature(page: str, base: str = "") -> Prepare:
    """The pages on which a company, or the seller's staff, follows a signature."""
    return lambda guest: f"{base}/orders/{_one_that_waits(guest).ref}/lines/1/{page}"


def _sign(page: str, method: str = "") -> Prepare:
    """Somebody with a mailed link, who has agreed where a method is named."""

    def prepare(guest: Guest) -> str:
        guest.open(_one_that_waits(guest).link()).at("/document$")
        if method:
            agree(guest, method).at(rf"/{page}$")
        return guest.path.replace("/document", f"/{page}")

    return prepare


def _signed(guest: Guest) -> str:
    paper = mailed(guest.stage, guest.slug, language=guest.screen.language)
    guest.open(paper.link()).at("/document$")
    give(agree(guest, "code_mail").at("/code$"), paper.code()).at("/done$")
    return guest.path


def _subscription(guest: Guest) -> str:
    ordered = 'select id from subscription where tenant = %s and "order" is not null limit 1'
    if not guest.stage.sql(ordered, guest.slug):
        draft = guest.draft(MOBILE_SE)
        guest.ordering.submit(draft, guest.ordering.review(draft).seen, True, "")
    return f"/subscriptions/{guest.stage.sql(ordered, guest.slug)[0][0]}"


def _send_empty(guest: Guest) -> None:
    guest.form.locator("button.button-primary").click()


def _send_anything(guest: Guest) -> None:
    guest.page.locator("main form[method=post] button.button-primary").first.click()


def _agree_to_nothing(guest: Guest) -> None:
    guest.page.locator("#sign button.button-primary").click()


PAGES = (
    PageOf("start", "accounts.start", "/", who=""),
    PageOf("sign in", "accounts.login", "/login", who="", slug="skarvox"),
    PageOf("sign in, refused", "accounts.login", "/login", who="", slug="klitfon", status=422, act=_send_anything),
    PageOf("lost password", "accounts.lost_password", "/reset", who="", slug="baeltkom"),
    PageOf("reset sent", "accounts.reset_sent", "/reset/sent", who="", slug="skarvox"),
    PageOf("new password", "accounts.new_password", "/reset/unknown", who="", status=410),
    PageOf("my settings", "accounts.account", "/account"),
    PageOf("home", "home.home", "/home"),
    PageOf("home, empty", "home.home", "/home", slug="klitfon"),
    PageOf("home of a member", "home.home", "/home", who="member", slug="baeltkom"),
    PageOf("new order", "drafts.new", "/orders/new", slug="skarvox"),
    PageOf("new order, Danish", "drafts.new", "/orders/new", slug="baeltkom", status=422, act=_send_anything),
    PageOf("not allowed", "drafts.new", "/orders/new", who="member", status=403),
    PageOf("agreement", "lines.line", _step("avtal", months="36")),
    PageOf("data", "lines.line", _step("data")),
    PageOf("data, empty", "lines.line", _step("data", data=""), status=422, act=_send_empty),
    PageOf("number to move", "lines.line", _step("nummer", **PORT_SE)),
    PageOf("number to move, empty", "lines.line", _step("nummer", number_source="port"), status=422, act=_send_empty),
    PageOf("card", "lines.line", _step("sim", sim="icc"), status=422, act=_send_empty),
    PageOf("PBX", "lines.line", _step("vaxel")),
    PageOf("user", "lines.line", _step("anvandare", user_mode="existing")),
    PageOf("extras", "lines.line", _step("tillval")),
    PageOf("columns", "lines.line", _full_columns, slug="baeltkom"),
    PageOf("columns, empty", "lines.line", _columns(), slug="baeltkom", status=422, act=_send_empty),
    PageOf("list", "drafts.listing", _list),
    PageOf("review", "review.review", _review),
    PageOf(
        "review, refused",
        "review.review",
        _review,
        status=422,
        act=lambda guest: guest.press(guest.say("button.place")),
    ),
    PageOf("orders", "orders.listing", "/orders", slug="baeltkom"),
    PageOf("orders, no hit", "orders.listing", "/orders?q=finns-inte&from=i+g%C3%A5r", status=200),
    PageOf("order", "orders.order", _order("")),
    PageOf("receipt", "orders.receipt", _order("/receipt"), slug="baeltkom"),
    PageOf("subscriptions", "company.subscriptions", "/subscriptions"),
    PageOf("subscriptions, no hit", "company.subscriptions", "/subscriptions?q=finns-inte", slug="klitfon"),
    PageOf("subscription", "company.subscription", _subscription),
    PageOf("company", "company.overview", "/company", slug="skarvox"),
    PageOf("users", "company.users", "/company/users", slug="baeltkom"),
    PageOf("numbers", "company.numbers", "/company/numbers"),
    PageOf("addresses", "company.addresses", "/company/addresses", status=422, act=_send_anything),
    PageOf("prices", "company.prices", "/prices"),
    PageOf("help", "help.contents", "/help", who="", slug="baeltkom"),
    PageOf("help on porting", "help.porting", "/help/porting", slug="klitfon"),
    PageOf("terms", "help.legal", "/legal/terms", who="", slug="klitfon"),
    PageOf("check a paper", "verify.form", "/verify", who=""),
    PageOf("unknown paper", "verify.verify", "/verify/XXXX-XXXX-XXXX", who="", slug="baeltkom", status=404),
    PageOf("the seller's orders", "admin.orders", "/admin/orders", who="operator", slug="baeltkom"),
    PageOf("the seller's order", "admin.order", _admin_order, who="operator"),
    PageOf("all papers", "archive.documents", _documents, who="operator"),
    PageOf("no papers that fit", "", "/admin/documents?q=nobody", who="operator", slug="baeltkom"),
    PageOf("a zip of papers", "archive.export", _export, who="operator", slug="baeltkom"),
    PageOf("the audit trail", "archive.audit", "/admin/audit", who="operator"),
    PageOf("a dead link", "sign.arrive", "/sign/unknown", who="", status=410),
    PageOf("ask for a link", "sign.ask", "/sign", who="", slug="klitfon", status=422, act=_send_anything),
    PageOf("link sent", "sign.sent", "/sign/sent", who="", slug="skarvox"),
    PageOf("to sign", "sign.document", _sign("document"), who=""),
    PageOf("to sign, Danish", "sign.document", _sign("document"), who="", slug="baeltkom"),
    PageOf("to sign, refused", "sign.document", _sign("document"), who="", status=422, act=_agree_to_nothing),
    PageOf("the code", "sign.code", _sign("code", "code_sms"), who="", slug="baeltkom", status=422, act=_send_anything),
    PageOf("the eID", "sign.eid", _sign("eid", "eid"), who=""),
    PageOf("back from the eID", "sign.back", "/sign/eid?code=1&state=2", who="", slug="klitfon"),
    PageOf("on paper", "sign.scan", _sign("scan", "paper"), who="", status=422, act=_send_anything),
    PageOf("signed", "sign.done", _signed, who=""),
    PageOf("will not sign", "sign.saying_no", _sign("decline"), who="", slug="baeltkom"),
    PageOf("not me", "sign.saying_no", _sign("decline?not_me=1"), who=""),
    PageOf("declined", "sign.declined", "/sign/declined", who="", slug="klitfon"),
    PageOf("was not me", "sign.not_me", "/sign/not-me", who="", slug="skarvox"),
    PageOf("a signature", "signing.signing", _signature("signing")),
    PageOf("a signature, Danish", "signing.signing", _signature("signing"), slug="baeltkom"),
    PageOf("a signature, for staff", "signing.staff_signing", _signature("signing", "/admin"), who="operator"),
    PageOf("a move to correct", "signing.port", _signature("port"), slug="baeltkom"),
    PageOf("a move to correct, for staff", "signing.staff_port", _signature("port", "/admin"), who="operator"),
    PageOf("nothing here", "", "/nowhere", slug="skarvox", status=404),
    PageOf("contract summary", "summary.summary", _small("summary"), slug="skarvox"),
    PageOf(
        "review of a small company",
        "review.review",
        _small("review"),
        slug="skarvox",
        status=422,
        act=lambda guest: guest.press(guest.say("button.place")),
    ),
)

NOT_PAGES = {
    "static", "health.live", "health.ready", "help.status", "brand.asset", "brand.theme", "brand.logo",  # files and facts
    "demo.choose", "demo.follow", "demo.mail", "demo.mail_json", "demo.sms", "demo.sms_json", "demo.theme",  # the demo's own, on plain localhost
    "company.search_users", "orders.state", "summary.state",  # parts of pages
    "orders.document", "admin.document", "summary.paper",  # papers
    "archive.export_state", "archive.export_zip",  # a part of a page, and a file
    "sign.state", "sign.paper",  # a part of a page, and a paper
    "admin.start", "signing.sign_now",  # lead on
}  # fmt: skip
