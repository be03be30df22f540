"""What is stored, as mapped classes, each saying by its base whose it is; knows no rule of the trade.

Every primary and foreign key starts with the tenant, and a foreign key between two rows of one company holds the
company too, so the database itself refuses a reference across. The policies are in migrations/.
"""
# Annotations are values here: SQLAlchemy would have to evaluate each from its text as a process starts.

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT8RANGE, JSONB, ExcludeConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from webapp.domain.market import LANGUAGES


class XID8(UserDefinedType[int]):
    """The number of a transaction."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Its name in SQL."""
        return "xid8"


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PORT_OVER = ("completed", "cancelled", "declined")


def new_id() -> str:
    """100 random bits in 20 characters that are safe in an address and read aloud well."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


class Base(DeclarativeBase):
    """The root of all mapped classes."""

    type_annotation_map = {
        str: Text,
        int: BigInteger,
        bytes: LargeBinary,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pk",
            "fk": "%(table_name)s_%(column_0_N_name)s_fk",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_ix",
        }
    )


class Tenanted:
    """Belongs to a tenant; every scope of it may see it."""

    tenant: Mapped[str] = mapped_column(primary_key=True, sort_order=-2)


class OfCompany(Tenanted):
    """Belongs to one company of the tenant. None: to the tenant itself, for its staff only."""

    company: Mapped[Any] = mapped_column(Text, sort_order=-1)  # a class whose rows may have none says so


class OfPool(Tenanted):
    """Belongs to a company or (None) to the seller's pool, which every company may see."""

    company: Mapped[Any] = mapped_column(Text, nullable=True, sort_order=-1)


class OfStaff(Tenanted):
    """For scopes over all companies only: staff and jobs."""


class AtTheDoor:
    """May be read and written before sign-in."""


class CompanyRow(Tenanted, Base):
    __tablename__ = "company"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    org_id: Mapped[str]
    size: Mapped[str]
    agreement: Mapped[str | None]
    street: Mapped[str]
    zip: Mapped[str]
    city: Mapped[str]
    __table_args__ = (UniqueConstraint("tenant", "org_id"),)


def _company_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "company"], ["company.tenant", "company.id"])


def _within_company(column: str, table: str, key: str = "id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant", "company", column], [f"{table}.tenant", f"{table}.company", f"{table}.{key}"]
    )


class RevisionRow(Tenanted, Base):
    """What a tenant has published: immutable but for which one is current."""

    __tablename__ = "tenant_revision"
    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    current: Mapped[bool]
    __table_args__ = (Index(None, "tenant", unique=True, postgresql_where=text("current")),)


class AddressRow(OfCompany, Base):
    __tablename__ = "address"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    street: Mapped[str]
    zip: Mapped[str]
    city: Mapped[str]
    __table_args__ = (_company_key(), Index(None, "tenant", "company"))


class PersonRow(OfCompany, AtTheDoor, Base):
    """A user account. Staff have no company."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    company: Mapped[str | None] = mapped_column(Text, sort_order=-1)
    email: Mapped[str]  # lower case
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    language: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (_company_key(), UniqueConstraint("tenant", "email"), Index(None, "tenant", "company"))


class LoginSessionRow(OfCompany, AtTheDoor, Base):
    __tablename__ = "login_session"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    company: Mapped[str | None] = mapped_column(Text, sort_order=-1)
    person: Mapped[str]
    token_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "person"], ["person.tenant", "person.id"]),
        UniqueConstraint("tenant", "token_hash"),
        Index(None, "tenant", "person"),
    )


class TokenRow(OfCompany, AtTheDoor, Base):
    """A secret that was mailed to somebody. `subject` is what it opens; `person` is for whom, if they have an account."""

    __tablename__ = "token"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    company: Mapped[str | None] = mapped_column(Text, sort_order=-1)
    purpose: Mapped[str]
    token_hash: Mapped[bytes]
    person: Mapped[str | None]
    subject: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "person"], ["person.tenant", "person.id"]),
        UniqueConstraint("tenant", "purpose", "token_hash"),
        Index(None, "tenant", "subject"),
    )


class ThrottleRow(Tenanted, AtTheDoor, Base):
    """How many attempts a key made in its window."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    count: Mapped[int]


class EmployeeRow(OfCompany, Base):
    __tablename__ = "employee"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    first: Mapped[str]
    last: Mapped[str]
    initials: Mapped[str | None]
    title: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    dept: Mapped[str] = mapped_column(default="")
    cost_centre: Mapped[str] = mapped_column(default="")
    employee_no: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        _company_key(),
        UniqueConstraint("tenant", "company", "id"),
        Index("employee_initials_key", "tenant", "company", text("lower(initials)"), unique=True),
        *(  # compared by code point: the migration says COLLATE "C"
            Index(
                f"employee_name_{language}_ix",
                "tenant",
                "company",
                text(f"alphabet_key(last, '{language}')"),
                text(f"alphabet_key(first, '{language}')"),
                "id",
            )
            for language in LANGUAGES
        ),
    )


class DraftRow(OfCompany, Base):
    __tablename__ = "draft"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    language: Mapped[str]
    tenant_revision: Mapped[str]
    rev: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))  # of the release before (0011)
    reference: Mapped[str]
    price_seen: Mapped[str]
    created_by: Mapped[str]
    touched_by: Mapped[str]
    touched_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str]  # open | placed | discarded
    __table_args__ = (
        _company_key(),
        UniqueConstraint("tenant", "company", "id"),
        Index(None, "tenant", "company", "touched_at", postgresql_where=text("state = 'open'")),
        Index(None, "expires_at", postgresql_where=text("state <> 'placed'")),
    )


class DraftLineRow(OfCompany, Base):
    """One line of a draft, with its outline (webapp.domain.ordering.outline)."""

    __tablename__ = "draft_line"
    draft: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answers: Mapped[dict[str, Any]]
    resets: Mapped[dict[str, Any]]
    touched: Mapped[dict[str, Any]]
    confirmed: Mapped[list[str]] = mapped_column(JSONB)
    removed: Mapped[bool]
    action: Mapped[str]
    subject: Mapped[str | None]
    basis: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str] = mapped_column(server_default="")
    missing: Mapped[int] = mapped_column(server_default=text("0"))
    is_complete: Mapped[bool] = mapped_column(server_default=text("false"))
    digest: Mapped[str] = mapped_column(server_default="")
    monthly: Mapped[int] = mapped_column(server_default=text("0"))
    once: Mapped[int] = mapped_column(server_default=text("0"))
    minimum: Mapped[int] = mapped_column(server_default=text("0"))
    months: Mapped[int] = mapped_column(server_default=text("0"))
    parcels: Mapped[int] = mapped_column(server_default=text("0"))
    is_bound: Mapped[bool] = mapped_column(server_default=text("false"))
    is_agreed: Mapped[bool] = mapped_column(server_default=text("false"))
    is_awaiting: Mapped[bool] = mapped_column(server_default=text("false"))
    has_plan: Mapped[bool] = mapped_column(server_default=text("false"))
    lacks_data: Mapped[bool] = mapped_column(server_default=text("false"))
    claims: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant", "company", "draft"], ["draft.tenant", "draft.company", "draft.id"], ondelete="CASCADE"
        ),
    )


class NumberRow(OfPool, Base):
    """A telephone number at the tenant that sells it."""

    __tablename__ = "number"
    e164: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # mobile | fixed
    state: Mapped[str]  # free | held | reserved | allocated | quarantine
    held_by: Mapped[str | None]
    held_since: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    subscription: Mapped[str | None]
    __table_args__ = (
        _company_key(),
        ForeignKeyConstraint(["tenant", "held_by"], ["draft.tenant", "draft.id"]),
        ForeignKeyConstraint(
            ["tenant", "company", "subscription"],
            ["subscription.tenant", "subscription.company", "subscription.id"],
            use_alter=True,
        ),
        # Which numbers are to be had; held ones come back when their time is over.
        Index("number_free_ix", "tenant", "kind", "e164", postgresql_where=text("company is null and state = 'free'")),
        Index("number_e164_ix", text("length(e164)"), "e164"),  # where a number lies in the installation
        Index("number_held_ix", "held_until", postgresql_where=text("state = 'held'")),
        Index("number_company_ix", "tenant", "company", "e164"),
        Index(
            "number_idle_ix",
            "tenant",
            "company",
            "e164",
            postgresql_where=text("state in ('free', 'reserved', 'held')"),
        ),
        Index(
            "number_fixed_ix",
            "tenant",
            "company",
            "e164",
            postgresql_where=text("kind = 'fixed' and state = 'allocated'"),
        ),
        # One use of a number in the whole installation; asked beforehand through number_whereabouts().
        Index("number_in_use_key", "e164", unique=True, postgresql_where=text("state = 'allocated'")),
    )


class SimCardRow(OfCompany, Base):
    __tablename__ = "sim_card"
    iccid: Mapped[str] = mapped_column(primary_key=True)
    company: Mapped[str | None] = mapped_column(Text, sort_order=-1)
    state: Mapped[str]  # in_stock | used
    __table_args__ = (_company_key(), Index(None, "tenant", "company"))


class OrderRow(OfCompany, Base):
    """What was agreed; it never changes. Its label is derived from its lines."""

    __tablename__ = "order"
    ref: Mapped[str] = mapped_column(primary_key=True)
    draft: Mapped[str]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    language: Mapped[str]
    reference: Mapped[str]
    currency: Mapped[str]
    monthly_net: Mapped[int]
    once_net: Mapped[int]
    line_count: Mapped[int]
    world: Mapped[dict[str, Any]]
    __table_args__ = (
        _company_key(),
        _within_company("draft", "draft"),
        UniqueConstraint("tenant", "draft"),
        UniqueConstraint("tenant", "company", "ref"),
        Index("order_company_placed_ix", "tenant", "company", "placed_at", "ref"),
        Index("order_placed_ix", "tenant", "placed_at", "ref"),
    )


class OrderLineRow(OfCompany, Base):
    __tablename__ = "order_line"
    order: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    state: Mapped[str]  # placed | waiting_signature | ready | handed_over | active | failed | cancelled
    answers: Mapped[dict[str, Any]]
    user_name: Mapped[str]
    plan_name: Mapped[str]
    number: Mapped[str | None]
    subscription: Mapped[str | None]
    failure: Mapped[str | None]
    changed_at: Mapped[datetime]
    __table_args__ = (
        _within_company("order", "order", "ref"),
        _within_company("subscription", "subscription"),
        Index("order_line_state_ix", "tenant", "state"),
    )


class SubscriptionRow(OfCompany, Base):
    __tablename__ = "subscription"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    employee: Mapped[str | None]
    number: Mapped[str | None]
    kind: Mapped[str]  # mobile | fixed
    plan: Mapped[str]
    state: Mapped[str]  # ordered | active | cancelled
    order: Mapped[str | None]
    line: Mapped[int | None]
    created_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    __table_args__ = (
        _company_key(),
        _within_company("employee", "employee"),
        _within_company("order", "order", "ref"),
        UniqueConstraint("tenant", "company", "id"),
        Index("subscription_line_key", "tenant", "order", "line", unique=True),
        Index("subscription_company_ix", "tenant", "company", "created_at", "id"),
    )


_SPAN = (
    "int8range(substr(coalesce(series_first, e164), 2)::bigint, substr(coalesce(series_last, e164), 2)::bigint, '[]')"
)


class PortingRow(OfCompany, Base):
    __tablename__ = "porting"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    order: Mapped[str]
    line: Mapped[int]
    e164: Mapped[str]
    state: Mapped[str]
    wished_date: Mapped[date | None]
    owner: Mapped[dict[str, Any]]
    signer: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    # Once something of the order's ports was corrected: the move as it is now, and the version of the paper that covers it.
    facts: Mapped[dict[str, Any] | None]
    paper: Mapped[str | None]
    paper_version: Mapped[int | None]
    paper_at: Mapped[datetime | None]
    series_first: Mapped[str | None]  # of a series, e164 being one of its numbers
    series_last: Mapped[str | None]
    span: Mapped[Any] = mapped_column(INT8RANGE, Computed(_SPAN, persisted=True))
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "order", "line"], ["order_line.tenant", "order_line.order", "order_line.n"]),
        _within_company("order", "order", "ref"),
        UniqueConstraint("tenant", "company", "id"),
        # One open port of a number in the whole installation; asked beforehand through port_whereabouts().
        Index("porting_open_key", "e164", unique=True, postgresql_where=text(f"state not in {PORT_OVER}")),
        ExcludeConstraint(
            ("span", "&&"), name="porting_span_excl", using="gist", where=text(f"state not in {PORT_OVER}")
        ),
        Index("porting_company_ix", "tenant", "company", "wished_date"),
        Index("porting_line_ix", "tenant", "order", "line"),
    )


class DocumentRow(OfCompany, Base):
    """A paper: made once, never changed. A correction is the next version."""

    __tablename__ = "document"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    order: Mapped[str]
    subject: Mapped[str]  # what of the order it is about: "" the whole, else a porting's id
    kind: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    language: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    verify_code: Mapped[str]
    made_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    content: Mapped[bytes] = mapped_column("bytes", deferred=True)
    __table_args__ = (
        _within_company("order", "order", "ref"),
        UniqueConstraint("tenant", "company", "id"),
        UniqueConstraint("tenant", "order", "kind", "subject", "version"),
        UniqueConstraint("tenant", "verify_code"),
        Index("document_kind_made_ix", "tenant", "kind", "made_at", "id"),
        Index("document_made_ix", "tenant", "made_at", "id"),
        Index(None, "tenant", "sha256"),
    )


class EffectRow(OfStaff, Base):
    """That something was done outside, under a key that makes it once."""

    __tablename__ = "effect"
    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]  # claimed | done
    message_id: Mapped[str | None]
    at: Mapped[datetime]


class AuditRow(OfCompany, AtTheDoor, Base):
    """Who did what. The application may add rows and nothing else."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int] = mapped_column(Identity(always=True))
    xid: Mapped[int] = mapped_column(XID8, server_default=text("pg_current_xact_id()"), deferred=True)
    company: Mapped[str | None] = mapped_column(Text, sort_order=-1)
    actor: Mapped[str]
    actor_tenant: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    __table_args__ = (
        Index(None, "tenant", "subject", "seq"),
        Index(None, "tenant", "seq"),
        Index(None, "tenant", "at", "seq"),
    )
    # `seq` cannot be read back before sign-in, and nobody needs it.
    __mapper_args__ = {"eager_defaults": False}


class AuditLinkRow(OfStaff, Base):
    """A link of the audit trail's chain: see webapp.store.audit_chain."""

    __tablename__ = "audit_link"
    n: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[str]
    hash: Mapped[bytes]
    seal: Mapped[bytes | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "row"], ["audit.tenant", "audit.id"]),
        UniqueConstraint("tenant", "row"),
    )


class SearchWordRow(OfCompany, Base):
    """One word that leads to one thing. A number stands forwards and, to be found by its end, backwards."""

    __tablename__ = "search_word"
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (
        _company_key(),
        Index("search_word_ix", "tenant", "word", postgresql_ops={"word": "text_pattern_ops"}),
        Index("search_word_company_ix", "tenant", "company", "word", postgresql_ops={"word": "text_pattern_ops"}),
    )


class AlarmRow(OfStaff, Base):
    """Something that staff must see to. Only one of a kind and subject is open at a time."""

    __tablename__ = "alarm"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject: Mapped[str]
    ref: Mapped[str]  # the order it is about, if any
    details: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    over_at: Mapped[datetime | None]
    __table_args__ = (
        Index("alarm_open_ix", "tenant", "kind", "subject", unique=True, postgresql_where=text("over_at IS NULL")),
    )


class ExportRow(OfStaff, Base):
    """Papers that staff fetch together. Only the choice is stored: the zip is written anew each time from papers that never change."""

    __tablename__ = "export"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]  # digest of what was chosen, by whom
    state: Mapped[str]  # making | ready | cancelled
    asked_by: Mapped[str]
    asked: Mapped[dict[str, Any]]  # the list's address, to be shown again
    language: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    __table_args__ = (
        Index("export_key_key", "tenant", "key", unique=True, postgresql_where=text("state in ('making', 'ready')")),
        Index(None, "tenant", "asked_at"),
    )


class ExportPaperRow(OfStaff, Base):
    """One of them, in its place in the zip."""

    __tablename__ = "export_paper"
    export: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str]
    standing: Mapped[str]  # as it was when it was chosen
    verdict: Mapped[str | None]  # None: not looked at yet; "": whole; else what is wrong with it
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "export"], ["export.tenant", "export.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant", "document"], ["document.tenant", "document.id"]),
    )


class SigningRequestRow(OfCompany, Base):
    """One version of a power of attorney that is to be signed."""

    __tablename__ = "signing_request"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    order: Mapped[str]
    number: Mapped[str]
    version: Mapped[int]
    document: Mapped[str]
    state: Mapped[str]  # waiting | signed | sealed | declined | withdrawn | expired | replaced
    in_order: Mapped[bool]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sealed: Mapped[str | None]
    __table_args__ = (
        _within_company("order", "order", "ref"),
        _within_company("document", "document"),
        _within_company("sealed", "document"),
        UniqueConstraint("tenant", "company", "id"),
        UniqueConstraint("tenant", "number", "version"),
        Index(
            "signing_request_current_key", "tenant", "number", unique=True, postgresql_where=text("state <> 'replaced'")
        ),
        Index(None, "tenant", "order"),
        Index("signing_request_waiting_ix", "tenant", "expires_at", postgresql_where=text("state = 'waiting'")),
    )


class SignerRow(OfCompany, Base):
    """Somebody who is to sign."""

    __tablename__ = "signer"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    request: Mapped[str]
    n: Mapped[int]
    name: Mapped[str]
    email: Mapped[str]
    state: Mapped[str]  # queued | waiting | opened | bounced | signed | declined | not_me
    link: Mapped[str | None]  # the id of the token that was last mailed
    invited_at: Mapped[datetime | None]
    reminded: Mapped[int]
    opened_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_name: Mapped[str]
    capacity: Mapped[str]
    declarations: Mapped[list[str]] = mapped_column(JSONB)
    method: Mapped[str]
    address: Mapped[str]
    proof: Mapped[dict[str, Any]]
    reason: Mapped[str]
    __table_args__ = (
        _within_company("request", "signing_request"),
        UniqueConstraint("tenant", "company", "id"),
        UniqueConstraint("tenant", "request", "n"),
        Index("signer_email_ix", "tenant", text("lower(email)")),
        Index("signer_link_ix", "tenant", "link"),
    )


class SigningProofRow(OfCompany, Base):
    """An attempt to show who signs, with the consent it completes. Codes are derived from its id, and stored nowhere."""

    __tablename__ = "signing_proof"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    signer: Mapped[str]
    method: Mapped[str]  # code_mail | code_sms | eid | paper
    state: Mapped[str]  # open | asked | used | failed | void
    browser_binding: Mapped[bytes] = mapped_column("seat")
    name: Mapped[str]
    capacity: Mapped[str]
    declarations: Mapped[list[str]] = mapped_column(JSONB)
    sha256: Mapped[str]
    address: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int]
    facts: Mapped[dict[str, Any]]
    content: Mapped[bytes | None] = mapped_column("bytes", deferred=True)  # of a scan
    __table_args__ = (
        _within_company("signer", "signer"),
        Index(
            "signing_proof_open_key",
            "tenant",
            "signer",
            unique=True,
            postgresql_where=text("state in ('open', 'asked')"),
        ),
        Index(None, "tenant", "signer", "made_at"),
    )


class SigningEventRow(OfCompany, Base):
    """Something that happened to a request. The application may add rows and nothing else."""

    __tablename__ = "signing_event"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int] = mapped_column(Identity(always=True))
    request: Mapped[str]
    signer: Mapped[str | None]
    at: Mapped[datetime]
    what: Mapped[str]
    details: Mapped[dict[str, Any]]
    __table_args__ = (
        _within_company("request", "signing_request"),
        _within_company("signer", "signer"),
        Index(None, "tenant", "request", "seq"),
    )


class SummaryRow(OfCompany, Base):
    """A contract summary as a paper before there is an order; thrown away with a draft that comes to nothing."""

    __tablename__ = "contract_summary"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    draft: Mapped[str]
    fingerprint: Mapped[str]
    facts: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    file_name: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column("bytes", deferred=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant", "company", "draft"], ["draft.tenant", "draft.company", "draft.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant", "draft", "fingerprint"),
    )
