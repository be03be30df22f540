"""What whoever runs the seller's side does: look at what went wrong, have it tried again, keep house; each under the tenant's own scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.ordering.order import Order, OrderLine
from webapp.operations.papers import production
from webapp.operations.papers.production import PaperProgress
from webapp.store.desk.job_status import Job, Outcomes
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.reading import order_reads
from webapp.store.reading.cards import OrderPage
from webapp.store.unit_of_work import Store, Verified, Work

WORKER = "worker"


@dataclass(frozen=True)
class Trouble:
    """A job that failed for good, or an alarm (number 0). `ref` is the order it is about, empty when it is about none."""

    number: int
    kind: str
    id: str
    ref: str
    at: datetime


def troubles(work: Work, ref: str = "") -> tuple[Trouble, ...]:
    """What failed for good and waits for somebody, of one order or of all."""
    outcomes = Outcomes(work.session)
    alarms = (Trouble(0, each.kind, each.subject, each.ref, each.raised_at) for each in work.alarms.still_open(ref))
    return (*alarms, *(_trouble(job) for job in (outcomes.failed_of_order(ref) if ref else outcomes.failed())))


def _trouble(job: Job) -> Trouble:
    ref = (
        job.id.partition("/")[0]
        if job.kind in {"mail_order_received", "mail_welcome", "mail_esim", "carry_out"}
        else ""
    )
    ref = job.id.rpartition("-")[0] if job.kind == "make_document" else ref
    return Trouble(job.number, job.kind, job.id, ref or job.signing, job.at)


def try_again(work: Work, number: int, now: datetime) -> Trouble | None:
    """A failed job runs once more; None when it does not exist here or does not wait any more."""
    job = Outcomes(work.session).retry(number)
    if job is None:
        return None
    trouble = _trouble(job)
    details = {"kind": job.kind, "id": job.id, "job": job.number}
    company = None
    if trouble.ref and (order := work.orders.get(trouble.ref)):
        company = order.company.id
    work.audit.write("job.retried", trouble.ref or job.id, now=now, details=details, company=company)
    return trouble


def show_cards(work: Work, order: Order, line: OrderLine, now: datetime) -> None:
    """Tells the trail that somebody is shown the whole numbers of a line's SIM cards."""
    work.audit.write("order.cards_shown", order.ref, now=now, details={"n": line.n}, company=order.company.id)


# --- By the clock ------------------------------------------------------------------------------------------------


def release_numbers(store: Store, tenant: str, now: datetime) -> int:
    """Gives back numbers held past their time; how many."""
    with store.work(Scope(tenant, None, WORKER)) as work:
        return work.numbers.release_overdue(now)


def expire_drafts(store: Store, tenant: str, now: datetime) -> int:
    """Deletes expired drafts with all they hold; how many."""
    gone = 0
    while True:
        with store.work(Scope(tenant, None, WORKER)) as work:
            work.numbers.release_overdue(now)
            count = work.drafts.throw_away_expired(now)
            if count:
                work.audit.write("drafts.expired", tenant, now=now, details={"count": count})
        gone += count
        if not count:
            return gone


def defer(store: Store, tenant: str, kind: str) -> None:
    """A job of that kind for the tenant itself."""
    with store.work(Scope(tenant, None, WORKER)) as work:
        work.jobs.defer(kind, "")


# --- For the command line ----------------------------------------------------------------------------------------


def jobs(store: Store, statuses: tuple[str, ...] = ("todo", "doing", "failed")) -> Iterator[tuple[str, Job]]:
    """Every tenant's jobs in these statuses, with the tenant."""
    for tenant in store.tenants():
        with store.work(Scope(tenant, None, "cli")) as work:
            for job in Outcomes(work.session).listing(statuses):
                yield tenant, job


def look(store: Store, tenant: str, ref: str) -> tuple[OrderPage, PaperProgress] | None:
    """An order with what followed from it; None when the tenant has no such order."""
    with store.work(Scope(tenant, None, "cli")) as work:
        found = order_reads.order_page(work, ref)
        if found is None:
            return None
        return found, production.progress(work, found.order, production.seller_of(work, found.order), found.documents)


def recognise(store: Store, sha256: str) -> tuple[Document, Verified] | None:
    """The paper of any tenant whose bytes have this digest; None when nobody here has made it."""
    for tenant in store.tenants():
        with store.work(Scope(tenant, None, "cli")) as work:
            found = work.documents.by_sha256(sha256)
        if found and (shown := store.document_by_sha256(tenant, sha256)):
            return found, shown
    return None


def retry_failed(store: Store, tenant: str, number: int | None, now: datetime) -> int:
    """Has one failed job of a tenant, or all, run again; how many."""
    with store.work(Scope(tenant, None, "cli")) as work:
        numbers = [number] if number is not None else [trouble.number for trouble in troubles(work) if trouble.number]
        return sum(try_again(work, each, now) is not None for each in numbers)
