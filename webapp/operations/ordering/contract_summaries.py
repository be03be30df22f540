"""The contract summary of an order in the making: shown signed, accepted or waived by an express act, asked for as a paper; draws nothing itself."""

from __future__ import annotations

from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from webapp import faults
from webapp.domain.ordering.contract_summary import ACCEPTED, WAIVED, Facts
from webapp.domain.ordering.order import Statement
from webapp.domain.papers.contract_summary import ContractSummary, paper_of
from webapp.domain.people import Person
from webapp.domain.stored_json import from_json, to_json
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import msg
from webapp.l10n import Localizer
from webapp.store.ordering.contract_summaries import Summary
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Work
from webapp.tenancy.revision import tenant_from_json

MAKE_SUMMARY = "make_summary"
_WORKER = "worker"
_SAID = {
    ACCEPTED: (msg("We have received the contract summary and accept it"), ""),
    WAIVED: (
        msg("We expressly waive the contract summary"),
        msg(
            "Microenterprises, small enterprises and non-profit organisations have the right to a contract summary before"
            " they order. If you waive it, you order without one, and no contract summary is kept with the order."
        ),
    ),
}


# --- What is said of it ------------------------------------------------------------------------------------------


def choices(words: Localizer) -> tuple[tuple[str, str, str], ...]:
    """What can be said of the summary: value, words, and what they mean in full where they give something up."""
    return tuple(
        (choice, words.gettext(text), words.gettext(means) if means else "") for choice, (text, means) in _SAID.items()
    )


def statement(words: Localizer, choice: str, facts: Facts, person: Person, now: datetime) -> Statement:
    """The act as an order keeps it, in the words that were read."""
    text = next(". ".join(filter(None, told)) for value, *told in choices(words) if value == choice)
    return Statement(choice, text, facts.version, facts.fingerprint(), person.name, now)


def signed(secret: str, tenant: str, draft: str, facts: Facts) -> str:
    """The summary's fingerprint for the review form, which nobody can write but we."""
    return str(_signer(secret, tenant, draft).dumps(facts.fingerprint()))


def is_as_seen(secret: str, tenant: str, draft: str, seen: str, facts: Facts) -> bool:
    """Whether the form was sent from a review that showed these facts."""
    try:
        return bool(_signer(secret, tenant, draft).loads(seen) == facts.fingerprint())
    except (BadData, ValueError):
        return False


def _signer(secret: str, tenant: str, draft: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"summary:{tenant}:{draft}")


# --- As a paper before the order ---------------------------------------------------------------------------------


def ask(work: Work, draft: str, facts: Facts, now: datetime) -> None:
    """Has these facts made into a paper; asking again for the same ones asks once."""
    made = work.summaries.ask(draft, facts.fingerprint(), to_json(facts), now=now)
    if made:
        work.jobs.defer(MAKE_SUMMARY, made)


def summary_to_render(store: Store, tenant: str, id: str) -> tuple[ContractSummary, Tenant] | None:
    """What is to be printed; None when it is there already, or has been thrown away with its draft."""
    with store.work(Scope(tenant, None, _WORKER)) as work:
        found = work.summaries.get(id)
        if found is None or found.made_at:
            return None
        revision = work.revisions.current()
        if revision is None:
            raise LookupError(tenant)
        seller = tenant_from_json(revision.content)
    facts = from_json(Facts, found.facts)
    number = f"{seller.ref_prefix}-{found.fingerprint[:8].upper()}"
    return paper_of(facts, number, ref="", made_at=found.asked_at, verify_code=""), seller


def store_summary(store: Store, tenant: str, id: str, content: bytes, file_name: str, now: datetime) -> None:
    """Stores the paper with the draft, once."""
    with store.work(Scope(tenant, None, _WORKER)) as work:
        found = work.summaries.get(id)
        if found and work.summaries.fill(id, content, file_name, now=now):
            work.audit.write("summary.made", found.draft, now=now, details={"summary": id}, company=found.company)
        faults.point("summary.before_commit")


def fetch(work: Work, draft: str, id: str, now: datetime) -> tuple[Summary, bytes] | None:
    """A summary that has been made of this draft, with its bytes, and a row that says it was fetched."""
    found = work.summaries.get(id)
    if found is None or found.draft != draft or found.made_at is None:
        return None
    content = work.summaries.content(id)
    work.audit.write("summary.fetched", draft, now=now, details={"summary": id})
    return (found, content) if content else None
