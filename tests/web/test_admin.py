"""The seller's staff see all their customers' orders and what went wrong, and nobody else's; customers see none of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browsing import Portal, Visitor
from tests.web.aftermath import do_jobs, place, said
from tests.web.conftest import Visit
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
