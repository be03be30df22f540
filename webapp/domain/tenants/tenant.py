"""Who is serving: an operator or a reseller, with everything its folder says; knows nothing of files, hosts in requests or colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from webapp.domain.market import Market
from webapp.domain.tenants.catalogue import Catalogue, PriceList, Texts


@dataclass(frozen=True)
class LegalEntity:
    """A party to a contract, as registered. `lines` is the postal address, one line each."""

    name: str
    org_id: str
    vat_id: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Support:
    """Where a customer gets help. Hours are a text in each language."""

    phone: str  # E.164
    email: str
    hours: Texts


@dataclass(frozen=True)
class MailSender:
    """From whom mails come."""

    name: str
    address: str
    reply_to: str


@dataclass(frozen=True)
class Brand:
    """How the portal looks: one colour (shades are derived), corners, logo bytes by name."""

    colour: str
    corners: str  # "square" | "soft" | "round"
    logo: bytes  # SVG, cleaned
    logo_alt: str
    favicon: bytes


@dataclass(frozen=True)
class LegalText:
    """A lawyer's text: Markdown source in one language, with its version day and the SHA-256 of its bytes."""

    name: str  # "terms" | "privacy" | "cookies" | "accessibility" | "power_of_attorney"
    language: str
    version: str
    source: str
    sha256: str


@dataclass(frozen=True)
class Block:
    """Questions asked together under one title. `area` places the block: "main", "left", "right" or "bottom"."""

    area: str
    ask: tuple[str, ...]
    titles: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One page of the order form. A two-column page is a step with several blocks."""

    id: str
    titles: Texts
    blocks: tuple[Block, ...]

    @cached_property
    def ask(self) -> tuple[str, ...]:
        """All questions of the page, in reading order."""
        return tuple(question for block in self.blocks for question in block.ask)


@dataclass(frozen=True)
class Composition:
    """Which questions are asked, where, with which answers left out, made optional or fixed."""

    version: int
    layout: str  # "steps" | "columns"
    start: tuple[str, ...]  # asked before the form opens (a Danish customer chooses the subscription first)
    steps: tuple[Step, ...]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=dict)
    iccid_digits: tuple[int, ...] = (19, 20)
    iccid_prefix: str = "89"

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """Every question id of start and steps, in order."""
        return (*self.start, *(question for step in self.steps for question in step.ask))

    @cached_property
    def questions(self) -> frozenset[str]:
        """The same, for asking whether one is among them."""
        return frozenset(self.asked)

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError when there is none."""
        return {step.id: step for step in self.steps}[step_id]


@dataclass(frozen=True)
class PortingTerms:
    """What a tenant's power of attorney covers and whom it may name as losing operator."""

    donors: tuple[str, ...]
    terminate: bool  # the clause that ends the contract at the losing operator
    info: bool  # the clause that lets details be fetched
    transfer: bool  # offers the number to pass from a private owner to the company
    legal_approved: bool = False


@dataclass(frozen=True)
class Eid:
    """The broker that tells who a signer is, by OpenID Connect. The secret is in the environment, by that name."""

    issuer: str
    client_id: str
    secret_env: str
    dialect: str  # "idura" | "signicat" | "nets": how an eID is chosen and what the claims are called
    acr: tuple[str, ...] = ()  # asked for; the answer must be one of them, or one of `accept`
    accept: tuple[str, ...] = ()  # what the broker answers, where it answers in other words than it is asked in
    scopes: tuple[str, ...] = ("openid",)


@dataclass(frozen=True)
class SigningTerms:
    """How a power of attorney is signed and sealed. A reseller has its contract party's, with an SMS sender of its own."""

    methods: tuple[str, ...] = ("code_mail", "paper")  # of code_mail, code_sms, eid, paper; the first is offered first
    seal_key: str = ""  # the name of the contract party's key
    sms_sender: str = ""
    eid: Eid | None = None


@dataclass(frozen=True)
class Welcome:
    """Whether the new user gets a welcome mail ("always", "ask", "never") and the telephony product it names."""

    mode: str
    product: str
    sign_in: Texts  # how to sign in to that product


@dataclass(frozen=True)
class Tenant:
    """An operator or a reseller, complete. Built once from a checked folder; never changed."""

    slug: str
    name: str
    hosts: tuple[str, ...]
    base_url: str  # https://host without a slash; absolute links start with it
    ref_prefix: str  # two letters before an order number
    market: Market
    languages: tuple[str, ...]  # the first is the default
    parent: str | None
    legal: LegalEntity  # its own legal entity
    contract_party: LegalEntity  # a reseller's parent; its own for an operator
    support: Support
    mail: MailSender
    brand: Brand
    composition: Composition
    catalogue: Catalogue
    price_lists: tuple[PriceList, ...]  # oldest first
    agreements: Mapping[str, tuple[PriceList, ...]]
    porting: PortingTerms
    welcome: Welcome
    area_codes: Mapping[str, str]  # "08" -> "Stockholm"; empty where numbers are not geographic
    texts: Mapping[str, Texts]  # message key -> own wording by language
    legal_texts: tuple[LegalText, ...]
    test_numbers: tuple[tuple[str, str], ...]  # E.164 ranges admitted though no plan knows them; demo and tests only
    notice_months: int  # without commitment
    notice_months_bound: int  # after the commitment
    revision: str  # digest of the folder it came from; frozen into orders
    signing: SigningTerms = SigningTerms()  # revisions of earlier releases have none

    @property
    def language(self) -> str:
        """The default language."""
        return self.languages[0]

    def own_words(self, language: str) -> dict[str, str]:
        """The texts this tenant words in its own way, by key."""
        return {key: texts[language] for key, texts in self.texts.items() if language in texts}

    def prices_on(self, day: date) -> PriceList | None:
        """The price list valid that local day; None before the first one."""
        return _latest(self.price_lists, day)

    def agreement_on(self, code: str | None, day: date) -> PriceList | None:
        """The framework agreement's list valid that day; None without an agreement or before its first list."""
        return _latest(self.agreements.get(code, ()), day) if code else None

    def legal_text(self, name: str, language: str) -> LegalText:
        """The legal text in that language, else in the default one; KeyError when there is none."""
        by_language = {text.language: text for text in self.legal_texts if text.name == name}
        return by_language.get(language) or by_language[self.language]


def _latest(lists: tuple[PriceList, ...], day: date) -> PriceList | None:
    valid = [prices for prices in lists if prices.valid_from <= day]
    return valid[-1] if valid else None
