"""The seller's staff see all their customers' orders and what went wrong, and nobody else's; customers see none of it."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

from tests.browsing import Portal, Visitor, text_of
from tests.web.conftest import Visit
from tests.web.order_factories import do_jobs, new_user, place, said
from webapp.gateways.mail_standin import MailStandin


def retries(guest: Visitor) -> list[Any]:
    """The buttons that have something tried again."""
    return list(guest.dom.xpath("//form[contains(@action, '/retry')]"))


def test_staff_find_the_orders_of_every_customer(portal: Portal, visit: Visit) -> None:
    first, second = place(portal, "fjallton"), place(portal, "fjallton", local="owner2")
    foreign = place(portal, "skarvox")
    staff = visit("fjallton", "operator").open("/admin")
    assert staff.path == "/admin/orders"
    assert first.ref in staff.text and second.ref in staff.text and foreign.ref not in staff.text
    assert second.company.name in staff.open(f"/admin/orders?company={second.company.id}").text
    assert first.ref not in staff.text.replace(second.ref, "")
    for q in ("070-174 06 80", "+46701740680", "0680", first.ref, "granit"):
        assert first.ref in staff.open(f"/admin/orders?q={q.replace('+', '%2B')}").text, q
    assert staff.open(f"/admin/orders/{foreign.ref}").status == 404


def test_customers_and_strangers_see_nothing_of_it(portal: Portal, visit: Visit) -> None:
    order = place(portal, "baeltkom")
    for path in ("/admin", "/admin/orders", f"/admin/orders/{order.ref}"):
        for local in ("owner", "buyer", "member"):
            assert visit("baeltkom", local).request("GET", path).status_code == 404
        assert visit("skarvox", "operator").request("GET", path).status_code in (
            {303, 200} if "BK" not in path else {404}
        )
        assert visit("baeltkom").request("GET", path).status_code == 303
    assert visit("baeltkom", "owner").post("/admin/jobs/1/retry").status_code == 404


def test_what_failed_is_shown_and_can_be_tried_again(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    refused = said("sv", "The mail did not arrive")
    do_jobs(portal, mailbox.port)  # of other tests
    seen = len(mailbox.mails())
    order = place(portal, "skarvox")
    mailbox.fault = "refuse"
    assert len(do_jobs(portal, mailbox.port)) == 4
    staff = visit("skarvox", "operator").open("/admin/orders")
    assert said("sv", "The welcome mail did not arrive") in staff.text and len(retries(staff)) == 4
    customer = visit("skarvox", "owner").open(f"/orders/{order.ref}")
    assert refused in customer.text
    mailbox.fault = "none"
    for _ in range(4):
        form = retries(staff.open(f"/admin/orders/{order.ref}"))[0]
        staff.send(form.get("action"), dict(form.form_values()))
        assert staff.path == f"/admin/orders/{order.ref}" and said("sv", "It is tried again now") in staff.text
    assert do_jobs(portal, mailbox.port) == [] and len(mailbox.mails()) == seen + 4
    assert not retries(staff.open("/admin/orders"))
    said_of_mails = customer.open(f"/orders/{order.ref}").dom.get_element_by_id("docs").text_content()
    assert said_of_mails.count(refused) == 1  # the signer's address, which somebody has to correct
    again = said("sv", "Tried again")
    assert again in staff.open(f"/admin/orders/{order.ref}").text and again not in customer.text


def test_another_tenants_failure_cannot_be_tried_again(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    place(portal, "klitfon")
    mailbox.fault = "refuse"
    do_jobs(portal, mailbox.port)
    number = portal.sql(
        "select max(id) from procrastinate_jobs where status = 'failed' and args->>'tenant' = 'klitfon'"
    )[0][0]
    staff = visit("fjallton", "operator")
    staff.open("/admin/orders")
    assert staff.post(f"/admin/jobs/{number}/retry").status_code == 404
    assert portal.sql("select status::text from procrastinate_jobs where id = %s", number) == [("failed",)]
    done = portal.sql(
        "select max(id) from procrastinate_jobs where status = 'succeeded' and args->>'tenant' = 'klitfon'"
    )[0][0]
    assert visit("klitfon", "operator").post(f"/admin/jobs/{done}/retry").status_code == 404


@pytest.mark.parametrize("slug", ["fjallton", "baeltkom"])
def test_staff_fetch_papers_and_the_trail_tells_who(
    portal: Portal, visit: Visit, mailbox: MailStandin, slug: str
) -> None:
    order = place(portal, slug)
    do_jobs(portal, mailbox.port)
    staff = visit(slug, "operator").open(f"/admin/orders/{order.ref}")
    link = staff.dom.xpath("//a[contains(@href, '/documents/')]/@href")[0]
    assert link.startswith("/admin/orders/") and staff.request("GET", link).mimetype == "application/pdf"
    told = portal.sql("select actor from audit where what = 'document.fetched' and subject = %s", order.ref)
    assert told == [(portal.person(slug, "operator").id,)]
    assert portal.person(slug, "operator").name in staff.open(f"/admin/orders/{order.ref}").text
    assert portal.person(slug, "operator").name not in visit(slug, "owner").open(f"/orders/{order.ref}").text


@pytest.mark.parametrize(("slug", "button"), [("fjallton", "Visa hela numret"), ("baeltkom", "Vis hele nummeret")])
@pytest.mark.parametrize("by_htmx", [False, True])
def test_staff_see_a_cards_whole_number_only_by_asking_and_the_trail_tells(
    portal: Portal, visit: Visit, slug: str, button: str, by_htmx: bool
) -> None:
    whole, end = "8946 9900 0000 0000 016", "… 000016"
    lines = [
        new_user(n, user_name=f"Kort {n}", number=None) for n in range(1, 22)
    ]  # the last one is on the second page
    order = place(portal, slug, *lines)
    path = f"/admin/orders/{order.ref}"
    staff = visit(slug, "operator").open(f"{path}?page=2")
    assert end in staff.text and whole not in staff.text
    form = staff.dom.xpath(f"//form[@action='{path}/lines/21/cards']")[0]
    assert form.text_content().strip() == button
    for stranger in (visit(slug, "owner"), visit(slug, "member"), visit("klitfon", "operator")):
        assert stranger.post(f"{path}/lines/21/cards").status_code == 404
    assert not portal.sql("select 1 from audit where what = 'order.cards_shown' and subject = %s", order.ref)
    headers = {"HX-Request": "true"} if by_htmx else {}
    answer = staff.post(f"{path}/lines/21/cards", headers=headers)
    said_now = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    assert text_of(html.fromstring(said_now)).count(whole) == 1
    assert ("<html" in said_now) is not by_htmx
    operator = portal.person(slug, "operator")
    told = "select actor, company, details from audit where what = 'order.cards_shown' and subject = %s"
    assert portal.sql(told, order.ref) == [(operator.id, order.company.id, {"n": 21})]
    act = said("da" if slug == "baeltkom" else "sv", "The whole SIM card number was shown")
    assert f"{act}: Kort 21" in staff.open(path).text and operator.name in staff.text and whole not in staff.text
    assert act in staff.open("/admin/audit").text
    assert act not in visit(slug, "owner").open(f"/orders/{order.ref}").text


def test_a_line_without_a_card_has_no_number_to_show(portal: Portal, visit: Visit) -> None:
    order = place(portal, "klitfon", new_user(1, facts=()))
    staff = visit("klitfon", "operator").open(f"/admin/orders/{order.ref}")
    assert not staff.dom.xpath("//form[contains(@action, '/cards')]")
    for n in (1, 2):
        assert staff.post(f"/admin/orders/{order.ref}/lines/{n}/cards").status_code == 404
    assert not portal.sql("select 1 from audit where what = 'order.cards_shown' and subject = %s", order.ref)
