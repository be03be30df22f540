"""How a power of attorney comes to be signed: states, capacities, methods and what a signer says; knows no link, no mail and no PDF."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from webapp.domain.folding import folded
from webapp.domain.numbers import read_text
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.problem import Invalid, Problem

CODE_MAIL, CODE_SMS, EID, PAPER = METHODS = ("code_mail", "code_sms", "eid", "paper")

# waiting -> signed -> sealed; waiting -> declined | withdrawn | expired (-> waiting, with a new link); any -> replaced.
REQUEST_STATES = ("waiting", "signed", "sealed", "declined", "withdrawn", "expired", "replaced")
# In order, whoever's turn has not come is queued. An address that takes no mail: bounced, until it is corrected.
SIGNER_STATES = ("queued", "waiting", "opened", "bounced", "signed", "declined", "not_me")
INVITED = ("waiting", "opened", "bounced")
"""Those who may sign now, if their link reaches them."""

LINK_LIFE = timedelta(days=14)
REMINDERS = (timedelta(days=2), timedelta(days=5), timedelta(days=9))
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODE_DIGITS = 6
EID_LIFE = timedelta(minutes=15)
LARGEST_SCAN = 10 * 1024 * 1024
LONGEST_NAME = 120
LONGEST_REASON = 500


@dataclass(frozen=True)
class Consent:
    """What a signer says by a form: who they are, in which capacity they sign, what they declare, and of which bytes."""

    name: str
    capacity: str
    declarations: frozenset[str]
    method: str
    sha256: str


@dataclass(frozen=True)
class Visitor:
    """From where somebody comes, as far as it is kept: the network, not the machine."""

    address: str
    agent: str = ""

    @property
    def network(self) -> str:
        """The address without its last part: enough for evidence, too little to follow somebody by."""
        return network(self.address)

    @property
    def software(self) -> str:
        """What the browser calls itself, as far as that can be read."""
        return "".join(filter(str.isprintable, self.agent))[:300]


@dataclass(frozen=True)
class Checked:
    """A form that was read: the consent in canonical form, or what is wrong with which field."""

    consent: Consent | None
    problems: dict[str, Problem] = field(default_factory=dict)


def read_consent(
    form: Consent, *, capacities: tuple[str, ...], declarations: Iterable[str], methods: tuple[str, ...], sha256: str
) -> Checked:
    """Holds a form against what was asked: a capacity the paper admits, every declaration, and the very bytes shown."""
    problems: dict[str, Problem] = {}
    declared, name = frozenset(declarations), ""
    try:
        name = read_text(form.name, longest=LONGEST_NAME)
        if not any(char.isalpha() for char in name):
            raise Invalid("text.missing")
    except Invalid as invalid:
        missing = invalid.problem.code == "text.missing"
        problems["name"] = Problem("sign.name.missing") if missing else invalid.problem
    if form.capacity not in capacities:
        problems["capacity"] = Problem("sign.capacity.missing")
    if not declared <= form.declarations:
        problems["declarations"] = Problem("sign.confirm.missing")
    if form.method not in methods:
        problems["method"] = Problem("sign.method.missing")
    if form.sha256 != sha256:
        problems["sha256"] = Problem("sign.document.changed")
    if problems:
        return Checked(None, problems)
    return Checked(Consent(name, form.capacity, declared, form.method, form.sha256))


def methods(offered: tuple[str, ...], paper: PowerOfAttorney) -> tuple[str, ...]:
    """How this paper can be signed. A text message goes to a number that is moved: where none can take one, a mail stands in."""
    reachable = mobile(paper) != ""
    return tuple(dict.fromkeys(CODE_MAIL if each == CODE_SMS and not reachable else each for each in offered))


def mobile(paper: PowerOfAttorney) -> str:
    """The number to which a code goes, E.164: the first of the paper that is a mobile one. Empty when none is."""
    return next((move.e164 for move in paper.moves if move.kind == "mobile"), "")


def masked(e164: str) -> str:
    """A number of which the last three digits can be read."""
    return f"{e164[:3]}{'•' * (len(e164) - 6)}{e164[-3:]}" if len(e164) > 6 else ""


def network(address: str) -> str:
    """/24 of an IPv4 address, /48 of an IPv6 one; empty for what is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def read_code(typed: str) -> str:
    """A code as somebody typed it, with or without spaces; empty when it is none."""
    digits = folded(typed).replace(" ", "").replace("-", "")
    return digits if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() else ""


def kind_of_scan(content: bytes) -> str:
    """pdf, jpeg or png by its first bytes, whatever it is called; empty for anything else. A job looks at the rest."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "png" if content.startswith(b"\x89PNG\r\n\x1a\n") else ""


def reminders_due(invited_at: datetime, now: datetime) -> int:
    """How many reminders somebody who was invited then should have had by now."""
    return sum(invited_at + after <= now for after in REMINDERS)
