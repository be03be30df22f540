"""What comes with a line: top-up, data cards, where cards are sent, when it starts; sends nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.dates import read_date
from webapp.domain.ordering.questions.question import YES, Option, Question
from webapp.domain.ordering.questions.shared import is_mobile, text
from webapp.domain.people import Address
from webapp.domain.problem import Invalid

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext


def _is_limited(form: LineContext) -> bool:
    return form.package is not None and form.package.gb is not None


def _read_cards(raw: str, form: LineContext) -> str:
    return str(numbers.read_count(raw, form.tenant.catalogue.max_cards))


def _is_sent(form: LineContext) -> bool:
    return form.value("sim") == "ship" or form.cards > 0


def _addresses(form: LineContext) -> tuple[Option, ...]:
    def written(address: Address) -> str:
        return f"{address.name}, {address.street}, {numbers.show_postcode(address.zip, form.market)} {address.city}"

    saved = form.inventory.delivery_addresses()
    return (*(Option(address.id, written(address)) for address in saved), Option("new"))


def _to_new_address(form: LineContext) -> bool:
    return _is_sent(form) and form.value("delivery") == "new"


def _read_start(raw: str, form: LineContext) -> str:
    day = read_date(raw, form.market)
    if day < form.today:
        raise Invalid("start_date.early", d=form.today)
    if (day - form.today).days > 365:
        raise Invalid("port.date.late")
    return day.isoformat()


EXTRAS: tuple[Question, ...] = (
    Question(
        "topup",
        "radio",
        "topup.missing",
        lambda form: is_mobile(form) and _is_limited(form),
        lambda form: (Option(YES), Option("no")),
        after=("data",),
    ),
    Question(
        "data_cards",
        "stepper",
        "data_cards.missing",
        lambda form: form.package is not None and form.tenant.catalogue.max_cards > 0,
        read=_read_cards,
        after=("data",),
        inherit=lambda form: "0",
        priced=True,
    ),
    Question(
        "delivery",
        "radio",
        "delivery.missing",
        _is_sent,
        _addresses,
        after=("sim",),
        inherit=lambda form: next((address.id for address in form.inventory.delivery_addresses()), "new"),
    ),
    Question("delivery.name", "text", "delivery.name.missing", _to_new_address, read=text(80), after=("delivery",)),
    Question(
        "delivery.street",
        "text",
        "delivery.street.missing",
        _to_new_address,
        read=text(120),
        after=("delivery",),
    ),
    Question(
        "delivery.zip",
        "text",
        "postcode",
        _to_new_address,
        read=lambda raw, form: numbers.read_postcode(raw, form.market),
        after=("delivery",),
        show=lambda value, form: numbers.show_postcode(value, form.market),
        attrs={"inputmode": "numeric", "autocomplete": "off"},
    ),
    Question("delivery.city", "text", "delivery.city.missing", _to_new_address, read=text(80), after=("delivery",)),
    Question(
        "start_date",
        "date",
        "",
        lambda form: form.value("number_source") != "port",
        read=_read_start,
        after=("number_source",),
        required=False,
    ),
    Question(
        "welcome",
        "checkbox",
        "",
        lambda form: form.tenant.welcome.mode == "ask" and form.value("user_mode") != "later",
        after=("user_mode",),
        required=False,
    ),
)
