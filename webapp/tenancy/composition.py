"""order.toml as a Composition, and whether its questions can lead every customer to exactly one plan; knows no prices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from webapp.domain.ordering.line import BY_LAW
from webapp.domain.ordering.questions.catalogue import GROUPS, QUESTIONS
from webapp.domain.ordering.url_words import BESIDE_STEPS
from webapp.domain.tenants.catalogue import CALL_RATES, KINDS, MONTHS, Catalogue, Plan
from webapp.domain.tenants.tenant import Block, Composition, Step
from webapp.tenancy.finding import Notes, Place, nearest
from webapp.tenancy.models import AskEntry, OrderFile, StartEntry
from webapp.tenancy.source import Path_, Toml

OPTIONS: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "call_rate": CALL_RATES,
    "binding": ("agreement", "none"),
    "months": tuple(str(months) for months in MONTHS),
    "number_source": ("new", "reserved", "specific", "port"),
    "port.owner_type": ("company", "employee", "other"),
    "port.signatory": ("me", "employee", "other"),
    "port.mode": ("asap", "date", "after_binding"),
    "sim": ("icc", "ship", "esim"),
    "pbx": ("pbx", "standalone"),
    "user_mode": ("existing", "new", "later"),
    "topup": ("yes", "no"),
}
"""The answers a tenant may choose among; those of other questions follow from stock and catalogue."""

Asked = list[tuple[str, Place]]

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,29}", re.ASCII)


def is_slug(name: str) -> bool:
    """Whether a folder of that name can be a tenant's."""
    return bool(_SLUG.fullmatch(name))


def composition(order: OrderFile, toml: Toml, notes: Notes) -> Composition | None:
    """The composition that the file describes; None when it has no page or asks what does not exist."""
    found = len(notes.findings)
    explicit = {q for path, entry in _entries(order) for q in entry.ask if q in QUESTIONS and q not in GROUPS}
    narrowed = {group: order.questions[group].ask for group in GROUPS if group in order.questions}
    asked: Asked = []

    def expand(path: Path_, entry: StartEntry) -> tuple[str, ...]:
        ids = []
        for at, name in enumerate(entry.ask):
            place = toml.at(*path, "ask", at)
            for question in _expanded(name, narrowed.get(name), explicit):
                if question in QUESTIONS:
                    ids.append(question)
                    asked.append((question, place))
            if name not in QUESTIONS and name not in GROUPS:
                notes.add("order.question", place, nearest(name, (*QUESTIONS, *GROUPS)), value=name)
        return tuple(ids)

    start = expand(("start",), order.start) if order.start else ()
    steps = _steps(order, toml, notes, expand)
    _check_settings(order, toml, notes, asked)
    _check_order(asked, notes, {question for question, _ in asked})
    if len(notes.findings) > found and notes.has_errors:
        return None
    icc = order.questions.get("icc")
    return Composition(
        version=order.version,
        layout=order.layout,
        start=start,
        steps=steps,
        options={q: tuple(entry.options) for q, entry in order.questions.items() if entry.options},
        optional=frozenset(q for q, entry in order.questions.items() if entry.optional),
        fixed=dict(order.fixed),
        iccid_digits=tuple(icc.digits) if icc and icc.digits else (19, 20),
        iccid_prefix=icc.prefix if icc and icc.prefix else "89",
    )


def _entries(order: OrderFile) -> Iterator[tuple[Path_, StartEntry]]:
    if order.start:
        yield ("start",), order.start
    for at, step in enumerate(order.steps or ()):
        yield ("steps", at), step
    for area in ("left", "right", "bottom"):
        if order.columns and (entry := getattr(order.columns, area)):
            yield ("columns", area), entry


def _expanded(name: str, narrowed: list[str] | None, explicit: set[str]) -> tuple[str, ...]:
    """The questions a name stands for: itself, or those of its group that are not asked by their own name."""
    if name not in GROUPS:
        return (name,)
    return tuple(question for question in narrowed or GROUPS[name] if question not in explicit)


def _steps(
    order: OrderFile, toml: Toml, notes: Notes, expand: Callable[[Path_, StartEntry], tuple[str, ...]]
) -> tuple[Step, ...]:
    if order.layout == "columns":
        if order.columns is None or order.start is None or order.steps:
            notes.add(
                "order.layout", toml.at("layout"), layout="columns", needs="[start] and [columns], and no [[steps]]"
            )
            return ()
        blocks = tuple(
            Block(str(path[1]), expand(path, entry), dict(entry.title))
            for path, entry in _entries(order)
            if path[0] == "columns" and isinstance(entry, AskEntry)
        )
        return (Step("details", dict(order.columns.right.title), blocks),)
    if not order.steps or order.columns:
        notes.add("order.layout", toml.at("layout"), layout="steps", needs="[[steps]], and no [columns]")
        return ()
    seen: set[str] = set()
    for at, step in enumerate(order.steps):
        if step.id in seen:
            notes.add("order.step_twice", toml.at("steps", at, "id"), value=step.id)
        if step.id in BESIDE_STEPS:
            notes.add("order.step_taken", toml.at("steps", at, "id"), value=step.id)
        seen.add(step.id)
    return tuple(
        Step(step.id, dict(step.title), (Block("main", expand(("steps", at), step), {}),))
        for at, step in enumerate(order.steps)
    )


def _check_settings(order: OrderFile, toml: Toml, notes: Notes, asked: Asked) -> None:
    known = {question for question, _ in asked}
    for name, entry in order.questions.items():
        place = toml.at("questions", name)
        if name not in QUESTIONS and name not in GROUPS:
            notes.add("order.question", place, nearest(name, (*QUESTIONS, *GROUPS)), value=name)
            continue
        for at, question in enumerate(entry.ask or ()):
            members = GROUPS.get(name, ())
            if question not in members:
                notes.add(
                    "order.question", toml.at("questions", name, "ask", at), nearest(question, members), value=question
                )
        if entry.optional and name in BY_LAW:
            notes.add("order.by_law", toml.at("questions", name, "optional"), value=name)
        if name not in known and name not in GROUPS and name not in order.fixed:
            notes.add("order.unused", place, value=name)
        if entry.options is not None and not entry.options:
            notes.add("order.no_option", toml.at("questions", name, "options"), question=name)
        for at, option in enumerate(entry.options or ()):
            _check_option(name, option, toml.at("questions", name, "options", at), notes)
    for name, answer in order.fixed.items():
        place = toml.at("fixed", name)
        if name not in QUESTIONS:
            notes.add("order.question", place, nearest(name, QUESTIONS), value=name)
            continue
        if name in known:
            notes.add("order.fixed_asked", place, value=name)
        _check_option(name, answer, place, notes)


def _check_option(question: str, value: str, place: Place, notes: Notes) -> None:
    choices = OPTIONS.get(question)
    if choices and value not in choices:
        notes.add(
            "order.option", place, nearest(value, choices), value=value, question=question, choices=", ".join(choices)
        )


def _check_order(asked: Asked, notes: Notes, known: set[str]) -> None:
    before: set[str] = set()
    for question, place in asked:
        if question in before:
            notes.add("order.twice", place, value=question)
        for following in QUESTIONS[question].after:
            upstream = "product" if following in {"kind", "call_rate"} and "product" in known else following
            if upstream in known and upstream not in before:
                notes.add("order.after", place, value=question, upstream=upstream)
        before.add(question)


# --- Whether the questions are enough ----------------------------------------------------------------------------


def check_enough(
    flow: Composition, catalogue: Catalogue, has_agreements: bool, months: frozenset[int], has_areas: bool,
    toml: Toml, notes: Notes,
) -> None:  # fmt: skip
    """Notes every question without whose answer an order could not be carried out, and answers that mean no plan or several."""
    asked = set(flow.asked)
    for question, reason in _needed(flow, catalogue, has_agreements, months, has_areas):
        if question not in asked and question not in flow.fixed:
            notes.add(
                "order.needed", toml.at("steps" if flow.layout == "steps" else "columns"), value=question, reason=reason
            )
        if question in flow.optional and question not in BY_LAW:
            notes.add("order.not_optional", toml.at("questions", question, "optional"), value=question, reason=reason)
    sources = flow.options.get("number_source", OPTIONS["number_source"])
    if (
        "number_source" in asked
        and "specific" in sources
        and not any(c.trigger == "specific_number" for c in catalogue.charges)
    ):
        notes.add("order.uncharged", toml.at("questions", "number_source"), trigger="specific_number")
    if "product" not in asked and ("kind" in asked or "kind" in flow.fixed):
        _check_plans(flow, catalogue, toml, notes)


def _needed(
    flow: Composition, catalogue: Catalogue, has_agreements: bool, months: frozenset[int], has_areas: bool
) -> Iterator[tuple[str, str]]:
    def may_be(question: str, value: str) -> bool:
        if question in flow.fixed:
            return flow.fixed[question] == value
        return value in flow.options.get(question, OPTIONS[question]) and question in flow.asked

    kinds = {plan.kind for plan in catalogue.plans}
    triggers = {charge.trigger for charge in catalogue.charges}
    if "product" not in flow.asked:
        yield "kind", "no plan can be told without it"
    if has_agreements:
        yield "binding", "there are framework agreements"
        if may_be("binding", "agreement"):
            yield "months", "framework agreements have prices by months"
            if 36 in months:
                yield "waiver_36", "36 months are offered, which a small company must expressly agree to"
    if any(len(plan.data) > 1 for plan in catalogue.plans):
        yield "data", "plans admit data packages"
    yield "number_source", "every subscription has a number"
    if has_areas and "fixed" in kinds and may_be("number_source", "new"):
        yield "area_code", "new fixed numbers lie in an area"
    for source, question in (("reserved", "reserved_number"), ("specific", "specific_number")):
        if may_be("number_source", source):
            yield question, f'number_source may be "{source}"'
    if may_be("number_source", "port"):
        for question in (
            "port.number",
            "port.owner_type",
            "port.owner_name",
            "port.owner_id",
            "port.signatory",
            "port.email",
        ):
            yield question, 'number_source may be "port"'
    if "mobile" in kinds:
        yield "sim", "mobile plans are sold"
        for sim, question in (("icc", "icc"), ("esim", "esim_email"), ("ship", "delivery")):
            if may_be("sim", sim):
                yield question, f'sim may be "{sim}"'
    if "delivery" in flow.asked or "data_cards" in flow.asked:
        for part in ("", ".name", ".street", ".zip", ".city"):
            yield f"delivery{part}", "cards are sent"
    if triggers & {"pbx", "mex"}:
        yield "pbx", "the catalogue has a charge for it"
    if "mex" in triggers:
        yield "mex", "the catalogue has a charge for it"
    yield "user_mode", "somebody gets the subscription"
    if may_be("user_mode", "existing"):
        yield "user", 'user_mode may be "existing"'
    if may_be("user_mode", "new"):
        for question in ("user.first", "user.last", "user.email"):
            yield question, 'user_mode may be "new"'


def _check_plans(flow: Composition, catalogue: Catalogue, toml: Toml, notes: Notes) -> None:
    reached: set[str] = set()
    place = toml.at("steps" if flow.layout == "steps" else "columns")
    for answers, plans in _selections(flow, catalogue):
        written = " and ".join(f"{question} = {value}" for question, value in answers.items())
        reached.update(plan.code for plan in plans)
        if not plans:
            notes.add("order.no_plan", place, answers=written)
        elif len(plans) > 1:
            notes.add("order.ambiguous_plan", place, answers=written, plans=", ".join(plan.code for plan in plans))
    for plan in catalogue.plans:
        if plan.code not in reached:
            notes.add("order.unreachable_plan", place, plan=plan.code)


def _selections(flow: Composition, catalogue: Catalogue) -> Iterator[tuple[dict[str, str], list[Plan]]]:
    """Every set of answers that tells plans apart, with the plans it leaves."""

    def possible(question: str, offered: set[str]) -> list[str]:
        if question in flow.fixed:
            return [flow.fixed[question]]
        return [value for value in flow.options.get(question, OPTIONS[question]) if value in offered]

    for kind in possible("kind", {plan.kind for plan in catalogue.plans}):
        of_kind = [plan for plan in catalogue.plans if plan.kind == kind]
        rates = {plan.call_rate for plan in of_kind if plan.call_rate}
        if rates and ("call_rate" in flow.asked or "call_rate" in flow.fixed):
            for rate in possible("call_rate", rates):
                yield {"kind": kind, "call_rate": rate}, [plan for plan in of_kind if plan.call_rate == rate]
        else:
            yield {"kind": kind}, of_kind
