"""What is told of each act in the audit trail; a test compares it with all that is ever written there. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from webapp.domain.texts import msg
from webapp.l10n import Localizer
from webapp.operations.papers.production import TITLES

ACTS: Mapping[str, str] = {
    "order.placed": msg("The order was placed"),
    "order.cards_shown": msg("The whole SIM card number was shown"),
    "document.made": msg("Document made"),
    "document.sealed": msg("Document sealed"),
    "document.fetched": msg("Document downloaded"),
    "document.refused": msg("A document that has been changed was not handed out"),
    "document.whole": msg("A document has been restored"),
    "export.asked": msg("Zip of documents ordered"),
    "export.cancelled": msg("Zip of documents cancelled"),
    "export.fetched": msg("Zip of documents downloaded"),
    "summary.made": msg("Contract summary made"),
    "summary.fetched": msg("Contract summary downloaded"),
    "porting.corrected": msg("The number porting was corrected"),
    "porting.other_signer": msg("Another signatory was chosen"),
    "signing.opened_request": msg("Asked to sign"),
    "signing.fetched": msg("The page for signing was fetched"),
    "signing.opened": msg("The link for signing was opened"),
    "signing.consented": msg("The declarations were confirmed"),
    "signing.code_sent": msg("Code for signing asked for"),
    "signing.code_failed": msg("The code for signing could not be sent"),
    "signing.code_wrong": msg("A wrong code was entered"),
    "signing.code_confirmed": msg("The code was right"),
    "signing.eid_failed": msg("The identity could not be confirmed"),
    "signing.eid_confirmed": msg("The identity was confirmed"),
    "signing.scan_received": msg("A signed paper was uploaded"),
    "signing.scan_accepted": msg("The uploaded paper could be read"),
    "signing.scan_refused": msg("The uploaded paper could not be read"),
    "signing.signed": msg("The power of attorney was signed"),
    "signing.sealed": msg("The power of attorney was sealed"),
    "signing.declined": msg("The signatory declined"),
    "signing.not_me": msg("The link had reached somebody else"),
    "signing.bounced": msg("The mail did not arrive"),
    "signing.reminded": msg("Reminder to sign sent"),
    "signing.renewed": msg("New link for signing sent"),
    "signing.resent": msg("The link for signing was sent again"),
    "signing.address_corrected": msg("The signatory's e-mail was corrected"),
    "signing.replaced": msg("The power of attorney was replaced"),
    "signing.withdrawn": msg("The request to sign was withdrawn"),
    "signing.expired": msg("The link for signing expired"),
    "mail.sent": msg("Mail sent"),
    "mail.failed": msg("The mail did not arrive"),
    "mail.waits": msg("The mail waits until tomorrow: many have been sent today"),
    "seal.failed": msg("Sealing failed"),
    "person.signed_in": msg("Signed in"),
    "person.signed_out": msg("Signed out"),
    "person.password_reset": msg("Chose a new password"),
    "person.password_set": msg("Got a new password"),
    "company.added": msg("Customer added"),
    "numbers.added": msg("Numbers added"),
    "person.added": msg("User account added"),
    "person.role": msg("Role changed"),
    "person.activated": msg("User account opened again"),
    "person.deactivated": msg("User account put away"),
    "address.added": msg("Address saved"),
    "drafts.expired": msg("Old drafts deleted"),
    "job.retried": msg("Tried again"),
    "tenant.published": msg("Settings published"),
    "demo.seeded": msg("Demo data added"),
}
AREAS: Mapping[str, str] = {
    "order": msg("Orders"),
    "document": msg("Documents"),
    "export": msg("Zips of documents"),
    "signing": msg("Signing"),
    "porting": msg("Number porting"),
    "summary": msg("Contract summaries"),
    "mail": msg("Mail"),
    "seal": msg("Seals"),
    "person": msg("User accounts"),
    "company": msg("Customers"),
    "numbers": msg("Numbers"),
    "address": msg("Addresses"),
    "drafts": msg("Drafts"),
    "job": msg("Tried again"),
    "tenant": msg("Settings"),
}
OTHER = msg("Another event (%(code)s)")
_MAILS: Mapping[str, str] = {
    "order_received": msg("Mail that the order has been received"),
    "welcome": msg("Welcome mail"),
    "esim": msg("Mail about the eSIM"),
    "reset": msg("Mail about a new password"),
}


class AuditEntry(Protocol):
    """A row of the trail."""

    @property
    def what(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def actor_tenant(self) -> str: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


def act(words: Localizer, row: AuditEntry, about: str = "") -> str:
    """What was done, such as "Document downloaded: Order confirmation"; `about` is known to whoever shows it."""
    if row.what not in ACTS:
        return words.gettext(OTHER) % {"code": row.what}
    kind = str(row.details.get("kind", ""))
    named = TITLES.get(kind) or _MAILS.get(kind)
    if named:
        about = words.gettext(named)
    elif row.what == "order.cards_shown" and not about:
        about = words.gettext(msg("Subscription %(n)s")) % {"n": row.details["n"]}
    if count := row.details.get("papers") or row.details.get("count"):
        about = words.number(int(count))
    return ": ".join(filter(None, (words.gettext(ACTS[row.what]), about)))


def actor(words: Localizer, row: AuditEntry, tenant: str) -> str:
    """Who did it: a person's name, the program, or somebody who has no account here."""
    if row.actor_tenant != tenant:
        return words.gettext(msg("The operator's staff"))
    if row.actor_name:
        return row.actor_name
    if row.actor.startswith("signer:"):
        return words.gettext(msg("Signer"))
    if row.actor == "cli":
        return words.gettext(msg("Command line"))
    return words.gettext(msg("Automatic"))
