"""What came of jobs: mails told of in the audit trail, and jobs that failed for good or wait; a tenant sees its own only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from webapp import clock
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import AuditRow

MAIL_SENT, MAIL_FAILED, MAIL_WAITS = "mail.sent", "mail.failed", "mail.waits"


@dataclass(frozen=True)
class Job:
    """A job in the queue. `id` is what it is about, `number` the queue's own."""

    number: int
    kind: str
    id: str
    status: str
    attempts: int
    at: datetime  # when it came to this status, or is to run next
    signing: str = ""  # the order whose signatures it is about


_JOB = (
    "select j.id, j.task_name, j.args->>'id', j.status::text, j.attempts, coalesce(case when j.status = 'todo' then j.scheduled_at end,"
    " (select max(e.at) from procrastinate_events e where e.job_id = j.id), now()), coalesce(s.ref, '')"
    " from procrastinate_jobs j left join lateral ("
    # Such a job carries the id of a request, a signer, an attempt, something that happened, or a link (and ":k").
    '  select r."order" as ref from signing_request r where r.tenant = :tenant and r.id in ('
    "   select j.args->>'id'"
    "   union all select request from signer where tenant = :tenant and id = j.args->>'id'"
    "   union all select request from signing_event where tenant = :tenant and id = j.args->>'id'"
    "   union all select s.request from signing_proof p join signer s on s.tenant = p.tenant and s.id = p.signer"
    "    where p.tenant = :tenant and p.id = j.args->>'id'"
    "   union all select s.request from token t join signer s on s.tenant = t.tenant and s.id = t.subject"
    "    where t.tenant = :tenant and t.id = split_part(j.args->>'id', ':', 1)"
    "  ) limit 1) s on j.task_name ~ '(sign_|_eid$|_scan$|^seal_)'"
    " where j.args->>'tenant' = :tenant"
)


class Outcomes(Repository):
    """Reads the queue and the trail of the scope's tenant."""

    def mails(self, ref: str) -> dict[tuple[str, int], str]:
        """Of an order, by kind and line (0: the order's own): mail.sent, mail.failed or mail.waits, whichever came last."""
        a = AuditRow
        found = select(a.details["kind"].astext, a.details["n"].as_integer(), a.what)
        found = found.where(a.subject == ref, a.what.in_((MAIL_SENT, MAIL_FAILED, MAIL_WAITS))).order_by(a.seq)
        return {(kind, n): what for kind, n, what in self.session.execute(found)}

    def waiting(self, subject: str) -> frozenset[str]:
        """Ids of the mails about an order, or something else, that had to wait for another day."""
        a = AuditRow
        found = select(a.details["id"].astext).where(a.subject == subject, a.what == MAIL_WAITS)
        return frozenset(id for id in self.session.scalars(found) if id)

    def failed(self, limit: int = 100) -> list[Job]:
        """Jobs of the tenant that will not be tried again by themselves, the latest first."""
        return self._jobs(" and j.status = 'failed' order by j.id desc limit :most", most=limit)

    def failed_of_order(self, ref: str) -> list[Job]:
        """Those about one order: its reference, a paper's number or a line begin with it."""
        return self._jobs(
            " and j.status = 'failed' and (j.args->>'id' = :ref or j.args->>'id' ^@ (:ref || '-') or j.args->>'id' ^@ (:ref || '/') or s.ref = :ref)"
            " order by j.id",
            ref=ref,
        )

    def listing(self, statuses: tuple[str, ...], limit: int = 200) -> list[Job]:
        """Jobs of the tenant in one of these statuses."""
        return self._jobs(
            " and j.status::text = any(:statuses) order by j.id desc limit :most", statuses=list(statuses), most=limit
        )

    def retry(self, number: int) -> Job | None:
        """A failed job of this tenant runs again at once; None when there is no such one (any more)."""
        found = self._jobs(" and j.id = :number and j.status = 'failed' for update of j", number=number)
        if found:
            raw(self.session, "select procrastinate_retry_job_v2(:number, now(), null, null, null)", {"number": number})
        return found[0] if found else None

    def _jobs(self, condition: str, **values: object) -> list[Job]:
        jobs = (Job(*tuple(row)) for row in raw(self.session, _JOB + condition, values))
        return [replace(job, at=clock.from_database(job.at)) for job in jobs]
