"""The shape of each TOML file of a tenant's folder, strict: unknown keys are errors; knows nothing of how the files fit together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from webapp.domain.folding import is_blank
from webapp.domain.glyphs import unprintable
from webapp.domain.market import LANGUAGES
from webapp.domain.numbers import read_email
from webapp.domain.problem import Invalid

OVERRIDES = ("brand", "texts", "catalogue", "prices", "legal", "order", "porting", "welcome", "area_codes")

HOST = r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+"
CODE = r"[A-Z][A-Z0-9-]{0,23}"
EMAIL = r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+"


@dataclass(frozen=True)
class _Shaped:
    """Marks a text that must have a shape; one that has another is the finding `code`."""

    code: str
    pattern: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core), "pattern": f"^{self.pattern}$"}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise PydanticCustomError(self.code, "shape", {"value": value})
        return value


def _filled(value: str) -> str:
    if is_blank(value):
        raise PydanticCustomError("value.empty", "empty", {"value": value})
    return value


def _one_line(value: str) -> str:
    if any(char in value for char in "\n\r\t\u2028\u2029"):
        raise PydanticCustomError("value.line", "line", {"value": repr(value)})
    return value


def _printed(value: str) -> str:
    """Names and addresses of a tenant stand on papers, too, where a letter that no font has would be a box."""
    if sign := unprintable(value):
        raise PydanticCustomError("value.letter", "letter", {"value": value, "sign": sign})
    return value


def _each_once(values: list[str]) -> list[str]:
    if twice := next((value for at, value in enumerate(values) if value in values[:at]), None):
        raise PydanticCustomError("value.twice", "twice", {"value": twice})
    return values


def _is_harmless(value: str) -> str:
    if value.casefold() in {"ssn", "nin", "cpr", "personnummer", "nemid.pid", "mitid.cpr"}:
        raise PydanticCustomError("signing.scope", "scope", {"value": value})
    return value


def _is_mailable(value: str) -> str:
    """What the mail gateway would refuse as a sender is refused before anything depends on it."""
    try:
        return read_email(value)
    except Invalid:
        raise PydanticCustomError("tenant.email", "shape", {"value": value}) from None


def _is_range(value: list[str]) -> list[str]:
    if not (len(value) == 2 and all(re.fullmatch(r"\+[1-9][0-9]{6,14}", end) for end in value) and value[0] <= value[1]
            and len(value[0]) == len(value[1])):  # fmt: skip
        raise PydanticCustomError("tenant.test_numbers", "range", {"value": str(value)})
    return value


Text = Annotated[
    str, AfterValidator(_filled), AfterValidator(_one_line), AfterValidator(_printed), Field(max_length=500)
]
Words = Annotated[dict[str, Text], Field(json_schema_extra={"propertyNames": {"enum": list(LANGUAGES)}})]
Host = Annotated[str, _Shaped("tenant.host", HOST)]
Email = Annotated[str, _Shaped("tenant.email", EMAIL), AfterValidator(_is_mailable)]
Phone = Annotated[str, _Shaped("tenant.phone", r"\+[1-9][0-9]{6,14}")]
Code = Annotated[str, _Shaped("catalogue.code", CODE)]
Days = Annotated[int, Field(ge=0, le=60)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


# --- tenant.toml -------------------------------------------------------------------------------------------------


class LegalEntry(_Model):
    """The company behind the sign, as registered."""

    name: Text
    """Registered name."""
    org_id: Text
    """Company number: organisationsnummer NNNNNN-NNNN or CVR-nummer NNNNNNNN."""
    vat_id: Text
    """VAT number."""
    lines: Annotated[list[Text], Field(min_length=1, max_length=6)]
    """Postal address, one line each."""


class SupportEntry(_Model):
    """Where customers get help."""

    phone: Phone
    """International form, without spaces."""
    email: Email
    """Address for questions."""
    hours: Words
    """Opening hours in each language."""


class MailEntry(_Model):
    """From whom mails come."""

    name: Text
    """The name a mail program shows."""
    address: Email
    """Sender."""
    reply_to: Email
    """Where answers go."""


class PortingEntry(_Model):
    """Moving numbers in: the power of attorney, and lead times where they differ from the market's."""

    donors: Annotated[list[Text], AfterValidator(_each_once)]
    """Losing operators offered by name; a customer may always write another."""
    terminate: bool
    """Clause: the contract at the losing operator ends with the move."""
    info: bool
    """Clause: details may be fetched from the losing operator."""
    transfer: bool
    """Offer that a private owner's number shall belong to the company."""
    legal_approved: bool = False
    """Whether a lawyer has read the power of attorney; until then papers are marked."""
    lead_mobile: Days | None = None
    """Working days until a mobile number can move."""
    lead_fixed: Days | None = None
    """Working days until a fixed number can move."""
    lead_series: Days | None = None
    """Working days until a series can move."""
    hours: list[Annotated[int, Field(ge=0, le=23)]] | None = None
    """Whole local hours to choose among; empty: the operators decide."""
    cutoff_days: Days | None = None
    """Working days before the move until which it can be stopped."""
    valid_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """How long a power of attorney holds."""


class EidEntry(_Model):
    """The broker through which a signer proves who they are, by OpenID Connect."""

    issuer: Annotated[str, _Shaped("signing.issuer", rf"https://{HOST}(:[0-9]{{2,5}})?(/[A-Za-z0-9._~-]+)*/?")]
    """The broker's issuer, to the letter. The demo takes its own provider instead."""
    client_id: Text
    """What the broker calls this portal. Signers of resellers see it, too: it had better name nobody."""
    secret_env: Annotated[str, _Shaped("signing.secret_env", r"SKYLT_EID_SECRET_[A-Z0-9_]{1,40}")]
    """The environment variable that holds the client secret."""
    dialect: Literal["idura", "signicat", "nets"]
    """How the broker lets an eID be chosen and what it calls a person's claims."""
    acr: list[Text] = []
    """The eIDs or levels asked for, in the broker's words; the answer must be one of them."""
    accept: list[Text] = []
    """The answers taken, where the broker answers in other words than those of acr."""
    scopes: list[Annotated[Text, AfterValidator(_is_harmless)]] = ["openid"]
    """What is asked for. No personal identity number."""


class SigningEntry(_Model):
    """How the owner of a number signs. A reseller has its parent's, and may name an SMS sender of its own."""

    methods: Annotated[list[Literal["code_mail", "code_sms", "eid", "paper"]], Field(min_length=1)] = [
        "code_mail", "paper",
    ]  # fmt: skip
    """code_mail and code_sms: a one-time code; eid: through [signing.eid]; paper: print, sign, upload. The first is offered first."""
    seal_key: Annotated[str, _Shaped("signing.seal_key", r"[a-z][a-z0-9-]{1,29}")] | None = None
    """The name of the key that seals. Left out: the folder's name."""
    sms_sender: (
        Annotated[str, _Shaped("signing.sms_sender", r"(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}|\+[1-9][0-9]{6,14}")] | None
    ) = None
    """From whom a code comes: 3 to 11 letters and digits, or a number."""
    eid: EidEntry | None = None


class WelcomeEntry(_Model):
    """The mail to a new user."""

    mode: Literal["always", "ask", "never"]
    """Sent always, when the buyer says so, or never."""
    product: Annotated[str, AfterValidator(_one_line), Field(max_length=500)] = ""
    """The telephony product it names."""
    sign_in: Words | None = None
    """How to sign in to that product."""


class TenantFile(_Model):
    """tenant.toml: who the tenant is. A reseller names its parent and leaves out what it inherits."""

    name: Text
    """The name customers know."""
    parent: str | None = None
    """A reseller's operator, by folder name. Left out by operators."""
    hosts: Annotated[list[Host], Field(min_length=1, max_length=10), AfterValidator(_each_once)]
    """Host names in production; absolute links use the first. In demo mode the host is <folder>.localhost."""
    ref_prefix: Annotated[str, _Shaped("tenant.ref_prefix", r"[A-Z]{2}")]
    """Two letters before every order number."""
    legal: LegalEntry
    support: SupportEntry
    mail: MailEntry
    market: str | None = None
    """Country by its two letters: SE or DK. Inherited."""
    languages: Annotated[list[Literal["sv", "da"]], Field(min_length=1), AfterValidator(_each_once)] | None = None
    """Languages of the portal, the default first. Inherited."""
    notice_months: Annotated[int, Field(ge=0, le=12)] | None = None
    """Months of notice without commitment. Inherited."""
    notice_months_bound: Annotated[int, Field(ge=0, le=12)] | None = None
    """Months of notice after a commitment. Inherited."""
    test_numbers: list[Annotated[list[str], AfterValidator(_is_range)]] | None = None
    """Number ranges admitted though no numbering plan knows them, first and last; demo and tests only. Inherited."""
    may_override: (
        list[Literal["brand", "texts", "catalogue", "prices", "legal", "order", "porting", "welcome", "area_codes"]]
        | None
    ) = None
    """Operators: what their resellers may say for themselves."""
    porting: PortingEntry | None = None
    """Inherited."""
    welcome: WelcomeEntry | None = None
    """Inherited."""
    signing: SigningEntry | None = None
    """Inherited, but for the SMS sender."""
    area_codes: dict[Annotated[str, _Shaped("tenant.area_code", r"0[1-9][0-9]{0,2}")], Text] | None = None
    """Area codes for new fixed numbers, with the place. Inherited; left out where numbers are not geographic."""


# --- brand.toml --------------------------------------------------------------------------------------------------


class LogoEntry(_Model):
    """The sign itself."""

    file: Text
    """SVG in the tenant's own folder, at most 200 kB, without script and outside links."""
    alt: Text
    """What is read out instead of the picture."""


class FaviconEntry(_Model):
    """The small sign in the browser's tab."""

    file: Text
    """SVG in the tenant's own folder."""


class BrandFile(_Model):
    """brand.toml: how the portal looks."""

    colour: Annotated[str, _Shaped("brand.colour", r"#[0-9A-Fa-f]{6}")]
    """One colour; all shades are derived from it so that they can be read."""
    corners: Literal["square", "soft", "round"] = "soft"
    """How round boxes and buttons are."""
    logo: LogoEntry
    favicon: FaviconEntry | None = None
    """Left out: the logo."""


# --- order.toml --------------------------------------------------------------------------------------------------


class StartEntry(_Model):
    """Questions before the form opens."""

    ask: Annotated[list[str], Field(min_length=1)]
    """Question ids in order; "port", "user" and "delivery" stand for several (see questions)."""


class AskEntry(StartEntry):
    """Questions under one title."""

    title: Words
    """The title in each language."""


class StepEntry(AskEntry):
    """One page of the form."""

    id: Annotated[str, _Shaped("order.step_id", r"[a-z][a-z0-9-]{0,29}")]
    """Part of the page's address."""


class ColumnsEntry(_Model):
    """The blocks of a page in two columns."""

    left: AskEntry
    right: AskEntry
    bottom: AskEntry | None = None


class QuestionEntry(_Model):
    """How one question is asked here."""

    options: list[str] | None = None
    """The answers left in, in the order shown."""
    optional: bool = False
    """May be left unanswered."""
    ask: list[str] | None = None
    """For port, user and delivery: which of their questions are asked."""
    digits: list[Annotated[int, Field(ge=18, le=22)]] | None = None
    """For icc: the admitted lengths."""
    prefix: Annotated[str, _Shaped("order.prefix", r"[0-9]{2,7}")] | None = None
    """For icc: the first digits."""


class OrderFile(_Model):
    """order.toml: which questions are asked, where and how. Whether one applies is decided by the program."""

    layout: Literal["steps", "columns"]
    """steps: one page after the other. columns: the subscription first, then one page in two columns."""
    version: Annotated[int, Field(ge=1)]
    """Grows with each change; drafts remember it."""
    start: StartEntry | None = None
    """Asked before the form opens."""
    steps: list[StepEntry] | None = None
    columns: ColumnsEntry | None = None
    questions: dict[str, QuestionEntry] = {}
    """Settings by question id."""
    fixed: dict[str, str] = {}
    """Answers that hold for everybody and are not asked."""


# --- catalogue.toml ----------------------------------------------------------------------------------------------


class Article(_Model):
    """What every article has."""

    code: Code
    """The code in price files and papers; never used again for something else."""
    name: Words
    """The name in each language."""
    wholesale: str | None = None
    """Resellers: the operator's code of this article, whose limits hold."""


class PlanEntry(Article):
    """A subscription."""

    kind: Literal["mobile", "fixed"]
    call_rate: Literal["flat", "metered"] | None = None
    """Whether calls are included; left out where there is no choice."""
    description: Words | None = None
    """One sentence under the name."""
    data: list[str] = []
    """Codes of the data packages it admits."""
    priced: bool = True
    """false: the price lies in the data package."""


class DataEntry(Article):
    """A data package."""

    gb: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Gigabytes a month; left out: unlimited."""
    free_cards: Annotated[int, Field(ge=0, le=20)] = 0
    """Data cards free of charge."""
    priced: bool = True
    """false: the price lies in the plan."""


class ChargeEntry(Article):
    """Something else that costs."""

    trigger: Literal[
        "plan", "pbx", "mex", "sim_card", "esim", "card_beyond_free", "port_mobile", "port_fixed", "port_series",
        "specific_number", "shipping", "order", "on_request",
    ]  # fmt: skip
    """When it is taken. on_request: only printed in the price list."""
    period: Literal["month", "once"]
    level: Literal["line", "order"] = "line"
    """Taken for each line, or once an order (shipping, order)."""
    free_over: Annotated[int, Field(ge=0)] | None = None
    """Shipping: free when more cards than this are sent."""
    included: Words | None = None
    """card_beyond_free: what the cards are called that a data package includes, so that nobody reads the same row twice; without it by the name."""


class CatalogueFile(_Model):
    """catalogue.toml: what is sold, in the order it is shown."""

    max_cards: Annotated[int, Field(ge=0, le=20)] = 0
    """The most data cards on one line."""
    plans: Annotated[list[PlanEntry], Field(min_length=1)]
    data: list[DataEntry] = []
    charges: list[ChargeEntry] = []


FILES: dict[str, type[_Model]] = {
    "tenant.toml": TenantFile,
    "brand.toml": BrandFile,
    "order.toml": OrderFile,
    "catalogue.toml": CatalogueFile,
}


def schemas() -> dict[str, dict[str, Any]]:
    """A JSON Schema for each file, for editors: name without ending -> schema."""
    made = {}
    for name, model in FILES.items():
        schema = model.model_json_schema()
        made[name.removesuffix(".toml")] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    texts = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "texts", "type": "object",
             "description": "Own wording by text key; dots make tables.",
             "additionalProperties": {"type": ["string", "object"]}}  # fmt: skip
    return {**made, "texts": texts}


def each_model() -> Iterator[tuple[str, type[_Model]]]:
    """Every table of every file with its heading, for the reference page."""
    for name, model in FILES.items():
        yield name, model
        yield from _tables(model, "")


def _tables(model: type[_Model], prefix: str) -> Iterator[tuple[str, type[_Model]]]:
    for key, info in model.model_fields.items():
        for inner, wrap in _models_in(info.annotation, "[{}]"):
            heading = f"{prefix}{key}"
            yield wrap.format(heading), inner
            yield from _tables(inner, f"{heading}.")


def _models_in(annotation: Any, wrap: str) -> Iterator[tuple[type[_Model], str]]:
    if isinstance(annotation, type) and issubclass(annotation, _Model):
        yield annotation, wrap
        return
    args = getattr(annotation, "__args__", ())
    origin = getattr(annotation, "__origin__", None)
    inside: Callable[[str], str] = lambda w: "[[{}]]" if origin is list else "[{}.<id>]" if origin is dict else w  # noqa: E731
    for arg in args:
        yield from _models_in(arg, inside(wrap))
