"""An order that has been placed, as pages show it: papers, lines, what happens next and what has happened. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, abort, g
from markupsafe import Markup

from webapp.domain.market import Market
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.order import TOLD_STATES, Fact, Order, OrderLine, as_corrected
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.quote import Row
from webapp.domain.papers.coverage import by_owner_and_signer
from webapp.domain.porting.porting import Porting
from webapp.domain.porting.series import count_of, show_moving
from webapp.domain.stored_json import from_json
from webapp.l10n import Localizer
from webapp.operations.ordering import labels
from webapp.operations.papers.porting_status import covers_now
from webapp.operations.papers.production import NotThere, PaperProgress
from webapp.store.reading.cards import Event, OrderPage
from webapp.web import audit_labels, listing
from webapp.web.layout_context import services
from webapp.web.ordering import order_price
from webapp.web.signing.signature_view import ShownCase

LINES_A_PAGE = 20
LISTED_IN_PRICE = 5
SLOW = timedelta(minutes=2)
"""A paper takes a few seconds; after this the page stops asking and says that it takes longer."""

_CARDS = {"icc", "port.present_icc", "eid"}
_SHOWN_OF_CARD = 6
_TOLD = (
    "order.placed",
    "document.made",
    "mail.sent",
    "mail.failed",
    "mail.waits",
    "porting.corrected",
    *(
        f"signing.{what}"
        for what in (
            "sent fetched opened signed sealed declined not_me bounced expired withdrawn replaced reminded resent"
            " address_corrected other_signer"
        ).split()
    ),
)
_TOLD_TO_STAFF = (*_TOLD, "document.fetched", "document.refused", "seal.failed", "job.retried", "order.cards_shown")


# --- Lists -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What a list of orders is narrowed to, from its address. `wrong` as in listing.Days."""

    q: str
    state: str
    first: str
    last: str
    company: str
    cursor: str
    since: datetime | None
    until: datetime | None
    wrong: Mapping[str, str]

    @property
    def are_set(self) -> bool:
        """Whether any narrows the list."""
        return any((self.q, self.state, self.first, self.last, self.company))

    def read(self) -> dict[str, Any]:
        """As store.reading.order_reads takes them."""
        names = ("q", "state", "since", "until", "company", "cursor")
        return {name: getattr(self, name) for name in names}

    def query(self, **changes: str) -> dict[str, str]:
        """The address's fields, to be changed one by one."""
        own = {"q": self.q, "status": self.state, "from": self.first, "to": self.last, "company": self.company}
        return {name: value for name, value in (own | changes).items() if value}


def filters(asked: Mapping[str, str], market: Market) -> Filters:
    """The filters of an address; days are whole local days, the last one counts."""
    days = listing.days(asked, market)
    state = asked.get("status", "")
    return Filters(
        q=listing.words(asked, "q"),
        state=state if state in TOLD_STATES else "",
        first=days.first,
        last=days.last,
        company=asked.get("company", "")[:40],
        cursor=asked.get("cursor", "")[:200],
        since=days.since,
        until=days.until,
        wrong=days.wrong,
    )


# --- One order ---------------------------------------------------------------------------------------------------


def price(words: Localizer, order: Order) -> dict[str, Any]:
    """The price box of what was agreed; of a large order the sums only."""
    quote, groups = order.quote, []
    for line in order.lines if len(order.lines) <= LISTED_IN_PRICE else ():
        rows = [_price_row(words, row, order) for row in quote.by_line.get(line.n, ())]
        groups.append({"title": line.user_name or frozen(line.plan_name, order), "rows": rows})
    if own := [_price_row(words, row, order) for row in quote.by_line.get(0, ())]:
        groups.append({"title": words.say("price.order"), "rows": own})
    return {
        "rev": 0,
        "title": words.gettext("Price"),
        "short": words.money(quote.monthly.net, whole=True),
        "groups": groups,
        "totals": order_price.totals(words, quote),
        "note": words.say("price.excl_vat"),
        "list_note": f"{order_price.incl_vat(words, quote)}. {order_price.price_lists(words, quote)}",
    }


def frozen(text: str, order: Order) -> str:
    """Words of an order as they were agreed; for a reader of another language marked with theirs."""
    if not text or order.language == g.language:
        return text
    return Markup('<span lang="{}">{}</span>').format(order.language, text)


def _price_row(words: Localizer, row: Row, order: Order) -> dict[str, Any]:
    text = frozen(row.text, order)
    if row.quantity > 1:
        text = Markup("{} × {}").format(row.quantity, text)
    once = Markup(words.say("price.once_row", text="{}"))  # noqa: S704 - the catalogue's own words
    label = once.format(text) if row.period == "once" else text
    amount = words.money(row.amount, whole=True) if row.amount is not None else words.say("price.included")
    return {"label": label, "amount": amount}


def number_of(line: OrderLine, market: Market) -> str:
    """The line's number as people read it; empty before it has one."""
    if line.porting:
        return show_moving(line.porting, market)
    return show_msisdn(line.number, market) if line.number else ""


def facts(line: OrderLine, order: Order, whole: bool = False) -> list[tuple[str, str]]:
    """The answers as they were given, under the labels of the reader's language; of a card's number the last digits, or the whole."""
    return [(_label(fact, order), _answer(fact, order, whole)) for fact in line.facts if fact.value]


def cards(line: OrderLine) -> tuple[Fact, ...]:
    """The numbers of SIM cards on a line that are not shown whole."""
    return tuple(fact for fact in line.facts if _masked(fact) != fact.value)


def _label(fact: Fact, order: Order) -> str:
    return labels.short_label(g.words, fact.question) if fact.question in QUESTIONS else frozen(fact.label, order)


def _answer(fact: Fact, order: Order, whole: bool) -> str:
    """Only words are of a language: not names, numbers and addresses."""
    spec = QUESTIONS.get(fact.question)
    is_words = spec is None or spec.options is not None or spec.control in ("checkbox", "switch", "date")
    if is_words:
        return frozen(fact.value, order)
    return fact.value if whole else _masked(fact)


def _masked(fact: Fact) -> str:
    digits = "".join(filter(str.isdigit, fact.value))
    hide = fact.question in _CARDS and len(digits) > _SHOWN_OF_CARD
    return f"… {digits[-_SHOWN_OF_CARD:]}" if hide else fact.value


def history(found: OrderPage, staff: bool = False) -> tuple[Event, ...]:
    """What has happened, the first thing first; staff see who fetched papers and had jobs run again."""
    told = _TOLD_TO_STAFF if staff else _TOLD
    # A job tells when it began, and several end in another order: what is shown follows the times that stand beside it.
    as_written = reversed(found.events)
    by_time = sorted(as_written, key=lambda event: event.at)
    return tuple(event for event in by_time if event.what in told and not _is_double(event))


def _is_double(event: Event) -> bool:
    """Mails about signing are told as what they are about."""
    return event.what.startswith("mail.") and str(event.details.get("kind", "")).startswith("sign_")


def doer(event: Event, cases: Iterable[ShownCase], order: Order | None = None) -> str:
    """Who did it, or whom it is about: somebody with an account, or who signs. With the order, for staff, addresses too."""
    signer = event.details.get("signer")
    named = (each for case in cases for each in (*case.signers, *case.before))
    about = next((each for each in named if each.id == signer), None)
    if event.actor_name or about is None:
        return event.actor_name or (_addressee(event, order) if order else "")
    return f"{about.name}, {about.email}" if order else about.name


def _addressee(event: Event, order: Order) -> str:
    """Whom a mail about the order, or about one of its lines, went to."""
    if not event.what.startswith("mail."):
        return ""
    line = next((line for line in order.lines if line.n == event.details.get("n")), None)
    if line is None:
        return f"{order.ordered_by}, {order.ordered_by_email}"
    email = line.answers.get("esim_email", "") if event.details.get("kind") == "esim" else line.user_email
    return ", ".join(filter(None, (line.user_name, email or line.user_email)))


def act(event: Event, order: Order | None = None) -> str:
    """What was done, in the reader's words; with the order, for staff, with whose line it was done to."""
    lines = order.lines if order and event.what == "order.cards_shown" else ()
    line = next((line for line in lines if line.n == event.details.get("n")), None)
    return audit_labels.act(g.words, event, line.user_name if line else "")


def as_it_stands(found: OrderPage) -> Order:
    """The order with its moves as they are now. What was ordered stays as it was in the lines' facts."""
    return as_corrected(
        found.order, {port.line: from_json(Porting, port.facts) for port in found.portings if port.facts}
    )


@dataclass(frozen=True)
class Next:
    """Something still to come. kind: sign, ship, esim, move, start."""

    kind: str
    day: date | None = None
    mode: str = ""
    hour: str = ""
    numbers: tuple[str, ...] = ()
    name: str = ""
    count: int = 0
    is_signed: bool = False  # the papers that a move needs
    line: int = 0  # by which the reader comes to sign; 0 when it is not theirs
    is_mine: bool = False  # nobody else is to sign


def to_come(
    words: Localizer, found: OrderPage, cases: Sequence[ShownCase], market: Market, email: str = ""
) -> tuple[Next, ...]:
    """What happens after an order, in its order: who must sign, what is sent, what starts on which day.

    `email` is that of the reader, who may be one of those who sign.
    """
    order = as_it_stands(found)
    todo = [
        Next(
            "sign",
            mode=case.state,
            numbers=case.numbers,
            name=words.listed(signer.name for signer in case.signers),
            count=case.signed,
            line=case.line if case.waits_for(email) else 0,
            is_mine=all(signer.email.casefold() == email.casefold() for signer in case.signers),
        )
        for case in cases
        if case.state not in ("sealed", "withdrawn")
    ]
    states = _states(found, cases)
    for lines in by_owner_and_signer(order):  # as long as the paper is not drawn, nobody has been asked yet
        ports = [line.porting for line in lines if line.porting]
        numbers = tuple(show_moving(port, market) for port in ports)
        if lines[0].n not in states:
            names = words.listed(signer.name for signer in ports[0].all_signers)
            mine = [signer.email.casefold() == email.casefold() for signer in ports[0].all_signers]
            first = lines[0].n if any(mine) else 0
            step = Next("sign", mode="waiting", numbers=numbers, name=names, line=first, is_mine=all(mine))
            todo.append(step)
    esims = [line for line in order.lines if line.answers.get("sim") == "esim"]
    if esims:
        todo.append(
            Next("esim", name=esims[0].answers.get("esim_email", "") if len(esims) == 1 else "", count=len(esims))
        )
    parcels: Counter[str] = Counter()
    for line in order.lines:
        parcels[_address(line)] += (line.answers.get("sim") == "ship") + int(line.answers.get("data_cards") or 0)
    todo += [Next("ship", name=address, count=cards) for address, cards in parcels.items() if cards]
    return (*todo, *sorted(_starts(order, states, market), key=_when))


def _when(step: Next) -> tuple[bool, date]:
    """What is done as soon as possible comes before any day, what waits for a commitment to end after all."""
    return step.mode == "after_binding", step.day or date.min


def _address(line: OrderLine) -> str:
    """Where a line's cards go: an address that was chosen, or one that was written."""
    told = {fact.question: fact.value for fact in line.facts}
    place = f"{told.get('delivery.zip', '')} {told.get('delivery.city', '')}".strip()
    written = (told.get("delivery.name", ""), told.get("delivery.street", ""), place)
    return ", ".join(filter(None, written)) or told.get("delivery", "")


def _states(found: OrderPage, cases: Iterable[ShownCase]) -> dict[int, str]:
    """How the paper that covers a line stands, by line; none for one whose paper is not drawn yet."""
    drawn = {(case.number, case.version): case.state for case in cases}
    covers = covers_now(found.order, found.portings)
    return {
        n: drawn[cover.paper, cover.version] for n, cover in covers.items() if (cover.paper, cover.version) in drawn
    }


def _starts(order: Order, states: Mapping[int, str], market: Market) -> Iterable[Next]:
    """`states` are of the papers, by line: what was taken back does not move."""
    moves: dict[tuple[date | None, str, str, bool], list[Porting]] = {}
    starts: dict[str, int] = {}
    for line in order.lines:
        if line.porting:
            port = line.porting
            state = states.get(line.n, "")
            if state != "withdrawn":
                key = (port.wished_date, port.mode, port.wished_hour, state in ("signed", "sealed"))
                moves.setdefault(key, []).append(port)
        else:
            start = line.answers.get("start_date", "")
            starts[start] = starts.get(start, 0) + 1
    for (day, mode, hour, signed), ports in moves.items():
        numbers, count = tuple(show_moving(port, market) for port in ports), sum(map(count_of, ports))
        yield Next("move", day, mode, hour, numbers, count=count, is_signed=signed)
    for start, count in starts.items():
        yield Next("start", date.fromisoformat(start) if start else None, count=count)


def is_slow(order: Order, progress: PaperProgress, now: datetime) -> bool:
    """Whether papers take longer than they should."""
    return not progress.is_over and now - order.placed_at > SLOW


def paper(ref: str, document: str) -> Response:
    """A paper of an order for whoever is signed in, byte for byte as it was made; that it was fetched is told in the trail."""
    try:
        found, content = services().paper(g.tenant, g.person, ref, document, g.now)
    except NotThere:
        abort(404)
    return pdf(content, found.facts["file"])


def pdf(content: bytes, name: str) -> Response:
    """A paper to be kept under its name; the name is ours and plain ASCII."""
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def page_of(order: Order, n: int) -> str:
    """The page of its lines where line `n` stands."""
    return str([line.n for line in order.lines].index(n) // LINES_A_PAGE + 1)


def line_pages(order: Order, asked: str, path: str) -> tuple[tuple[OrderLine, ...], list[dict[str, Any]]]:
    """The lines of one page, and the pages there are."""
    pages = max(1, -(-len(order.lines) // LINES_A_PAGE))
    page = min(int(asked), pages) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 5 and int(asked) else 1
    shown = order.lines[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE]
    links = [{"label": n, "url": f"{path}?page={n}#lines", "current": n == page} for n in range(1, pages + 1)]
    return shown, links
