"""What somebody who signs a power of attorney can do, with a mailed link and no account; knows no cookie and calls nobody.

A signer is known by the secret of their link, a device by its seat (a random cookie). Every verb looks at both anew in the
transaction in which it changes something, so that a link that died meanwhile signs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.paper import PowerOfAttorney
from webapp.domain.problem import Problem
from webapp.domain.signing import Consent, Visitor
from webapp.domain.tenant import Tenant
from webapp.store.papers import Document
from webapp.store.signings import Proof, Request, Signer
from webapp.store.work import Store

SIGN, COPY = "sign", "sign_copy"  # purposes of links


class Gone(Exception):
    """The link leads nowhere (any more): one and the same page, whatever the reason."""


@dataclass(frozen=True)
class Visit:
    """What the pages show to somebody whose link is alive. `stage` says which page is theirs now:

    document | code | eid | scan | waiting (a job looks at the eID or the scan) | done.
    """

    request: Request
    signer: Signer
    signers: tuple[Signer, ...]
    company: str  # the name of the company that ordered
    paper: PowerOfAttorney
    document: Document  # the bytes shown; sha256 stands in the form
    methods: tuple[str, ...]  # first = offered first
    capacities: tuple[str, ...]
    stage: str
    proof: Proof | None  # the attempt that is under way at this seat
    problem: Problem | None  # why the last attempt came to nothing: eID refused, scan unreadable
    sealed: bool  # the signed paper is there to be fetched

    @property
    def is_signed(self) -> bool:
        """Whether this signer has signed."""
        return self.signer.state == "signed"


class Signing:
    """One tenant's place to sign, at one moment. `secret` is the installation's."""

    def __init__(self, store: Store, secret: str, tenant: Tenant, now: datetime) -> None:
        self._store, self._secret, self._tenant, self._now = store, secret, tenant, now

    # --- Coming in -----------------------------------------------------------------------------------------------

    def open_link(self, link: str, address: str) -> str | None:
        """The signer a mailed link is for, and nothing else happens; None for a dead one. Raises people.TooOften."""
        raise NotImplementedError

    def visit(self, signer: str, link: str, *, seat: str = "", seen: Visitor | None = None) -> Visit | None:
        """What is to be shown; None: 410. `seen` (a GET of the document by somebody) notes once that it was opened.

        After signing the same link still opens the done page and the copy, and nothing else.
        """
        raise NotImplementedError

    def copy(self, signer: str, link: str) -> tuple[Document, bytes] | None:
        """The very bytes that are to be signed; once sealed, the signed paper. None: 410. Raises paperwork.Damaged."""
        raise NotImplementedError

    def new_link(self, email: str, address: str) -> None:
        """Has new links mailed if something waits for this address. Never tells whether. Raises people.TooOften."""
        raise NotImplementedError

    # --- Saying yes ----------------------------------------------------------------------------------------------

    def consent(self, visit: Visit, link: str, form: Consent, seat: str, visitor: Visitor) -> dict[str, Problem]:
        """Step one: name, capacity, declarations, method. Problems by field (name, capacity, declarations, method,
        sha256); empty: go on to the stage of the method. For a code one is sent. Raises Gone."""
        raise NotImplementedError

    def give_code(self, visit: Visit, link: str, code: str, seat: str, visitor: Visitor) -> Problem | None:
        """Step two by code. None: signed (also when another device was quicker). Raises Gone."""
        raise NotImplementedError

    def another_code(self, visit: Visit, link: str, seat: str) -> Problem | None:
        """A new code for the same consent; the one before dies. Problem sign.code.often after five in an hour. Raises Gone."""
        raise NotImplementedError

    def eid_begun(self, visit: Visit, link: str, seat: str) -> dict[str, str] | None:
        """Step two by eID: state, nonce and the PKCE challenge for the address the browser is sent to; None: not at that stage.

        A POST; the same attempt gives the same values. Raises Gone."""
        raise NotImplementedError

    def eid_came_back(
        self, visit: Visit, link: str, seat: str, visitor: Visitor, *, code: str, state: str, error: str = ""
    ) -> Problem | None:
        """The browser is back (a POST of the callback's form): a job exchanges the code, the page polls. Raises Gone."""
        raise NotImplementedError

    def upload_scan(
        self, visit: Visit, link: str, content: bytes, name: str, seat: str, visitor: Visitor
    ) -> Problem | None:
        """Step two on paper: the scan of the signed paper is kept for a job to check. Raises Gone."""
        raise NotImplementedError

    # --- Saying no -----------------------------------------------------------------------------------------------

    def decline(self, visit: Visit, link: str, reason: str) -> Problem | None:
        """Will not sign. The company that ordered is told, with the reason if one is given. Raises Gone."""
        raise NotImplementedError

    def not_me(self, visit: Visit, link: str) -> None:
        """The mail reached the wrong person: the link dies, the company that ordered is told. Raises Gone."""
        raise NotImplementedError
