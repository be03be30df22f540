"""Everything somebody who orders can do with a draft, from the first answer to the order; one transaction a verb."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.answering import Answered, answer_step, copied, refused, revalidate, write, written
from webapp.domain.ordering.contract_summary import CHOICES, Facts, facts_of
from webapp.domain.ordering.draft import MOST_LINES, AnswerVersion, Draft, Line
from webapp.domain.ordering.journey import Journey, journey
from webapp.domain.ordering.line import LineContext, OrderContext
from webapp.domain.ordering.quote import Change, NoPrices, Quote, quote
from webapp.domain.people import Person
from webapp.domain.problem import Invalid, Problem
from webapp.domain.tenants.tenant import LegalText, Step, Tenant
from webapp.l10n import Localizer
from webapp.operations.ordering import contract_summaries
from webapp.operations.ordering.checkout import AlreadyPlaced, Placed, Unavailable, place_order
from webapp.operations.ordering.review_fingerprint import Differences, ReviewFingerprint
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Work

HELD = {"specific_number": "specific.taken", "reserved_number": "reserved.taken"}
"""Answers that keep a number from others while the draft is filled in, with what is told when somebody else has it."""


class NotHere(LookupError):
    """No such draft or line in this company."""


class LineRemoved(Exception):
    """The line has been taken out of the order, so nothing can be answered on it. It can be put back."""

    def __init__(self, draft: str, n: int, user: str) -> None:
        super().__init__(f"{draft}/{n}")
        self.draft, self.n, self.user = draft, n, user


@dataclass(frozen=True)
class Tab:
    """Which browser tab writes, its how-manieth write, and the draft's revision when its page was loaded."""

    id: str = ""
    seq: int = 0
    rev: int | None = None


@dataclass(frozen=True)
class DraftView:
    """A line as its page shows it."""

    draft: Draft
    form: LineContext

    def __post_init__(self) -> None:
        _ = self.form.known_user  # looked up while the store can be asked

    @cached_property
    def quote(self) -> Quote | None:
        """What the draft costs; None without a price list for today."""
        return _quote(self.form.context, self.form.draft, self.form)

    @cached_property
    def journey(self) -> Journey:
        """The walk through the line."""
        return journey(self.form)


@dataclass(frozen=True)
class ChangedAnswer:
    """What one changed answer did. `conflict` names questions another tab has changed since."""

    before: DraftView
    after: DraftView
    problem: Problem | None = None
    conflict: tuple[str, ...] = ()
    gone: bool = False  # the question is not asked any more, so nothing has been stored
    by_another: bool = False  # because of another tab


@dataclass(frozen=True)
class Filled:
    """What a submitted page did."""

    visit: DraftView
    answered: Answered
    conflict: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()  # answered, but not asked any more since the page was loaded


@dataclass(frozen=True)
class Review:
    """The whole draft read back. `seen` is what is shown, signed, for the form; `moved` what prices did since it was begun."""

    draft: Draft
    forms: tuple[LineContext, ...]
    quote: Quote | None
    seen: str
    expired: Mapping[int, Problem]  # what could be answered, and no longer can
    held: Mapping[str, datetime]  # until when, by number
    moved: tuple[Change, ...]
    removed: tuple[LineContext, ...]
    summary: Facts | None = None  # the contract summary, for small companies whose lines are all answered
    summary_seen: str = ""  # its fingerprint, signed, for the form

    @property
    def missing(self) -> dict[int, tuple[str, ...]]:
        """Unanswered questions by line."""
        return {form.line.n: form.missing for form in self.forms if form.missing}

    @property
    def is_ready(self) -> bool:
        """Whether it can be approved."""
        complete = 0 < len(self.forms) <= MOST_LINES and all(form.is_complete for form in self.forms)
        return complete and not self.expired and self.quote is not None


@dataclass(frozen=True)
class Submission:
    """What came of pressing the button: a reference, or the review with what stands in the way."""

    placed: Placed | None = None
    review: Review | None = None
    differs: Differences | None = None  # from what was shown; None when it does not
    unavailable: Mapping[int, tuple[str, Problem]] | None = None
    terms_missing: bool = False
    summary_missing: bool = False  # nothing was said of it
    summary_differs: bool = False  # it is not the one that was shown


class Ordering:
    """One person ordering for one company at one tenant, at one moment."""

    def __init__(
        self, store: Store, secret: str, tenant: Tenant, person: Person, words: Localizer, now: datetime
    ) -> None:
        if person.company is None:
            raise ValueError("staff have no company to order for")
        self._store, self._secret = store, secret
        self._tenant, self._person, self._company = tenant, person, person.company
        self._words, self._now = words, now

    # Drafts

    def blank(self, answers: Mapping[str, str] | None = None) -> LineContext:
        """A line to begin with, that nobody has stored; of the answers those that are possible."""
        with self._work() as work:
            draft = self._new_draft()
            form = self._desk(work, draft).form(draft, draft.lines[0])
            for question, raw in (answers or {}).items():
                with suppress(Invalid):
                    form = form.with_line(write(form, question, raw))
            return form

    def start(self, answers: Mapping[str, str]) -> str:
        """A new draft with one line and its first answers (kind, or product); its id. Raises Invalid."""
        draft = self._new_draft()
        with self._work() as work:
            context = self._desk(work, draft)
            line = draft.lines[0]
            for question, raw in answers.items():
                line = write(context.form(draft, line), question, raw)
            draft = replace(draft.with_line(line), price_seen=_lists(context))
            work.drafts.add(draft)
        return draft.id

    def _new_draft(self) -> Draft:
        return Draft(
            id=secrets.token_urlsafe(15),
            company=self._company.id,
            language=self._words.language,
            tenant_revision=self._tenant.revision,
            created_by=self._person.id,
            touched_by=self._person.id,
            touched_at=self._now,
            lines=(Line(1),),
        )

    def discard(self, draft_id: str) -> bool:
        """Throws a draft away and gives its numbers back; it can be restored for a while."""
        with self._work() as work:
            if not work.drafts.discard(draft_id):  # another company's, or not open: nothing of it is touched
                return False
            work.numbers.release(draft_id)
            return True

    def restore(self, draft_id: str) -> bool:
        """Takes a thrown-away draft back."""
        with self._work() as work:
            return work.drafts.restore(draft_id, self._now)

    # One line

    def visit(self, draft_id: str, n: int) -> DraftView:
        """The line as it stands; changes nothing."""
        with self._work() as work:
            draft = self._open(work, draft_id)
            return DraftView(draft, _kept(self._desk(work, draft), draft, n))

    def change(self, draft_id: str, n: int, question: str, raw: str, tab: Tab) -> ChangedAnswer:
        """Stores one answer the moment it is given; a late one (lower `seq` of the same tab) is ignored.

        It does not wait for the disk: Continue sends the whole page again, and that does.
        """
        with self._work(durable=False) as work:
            draft = self._open(work, draft_id, for_update=True)
            line = _line(draft, n)
            before = DraftView(draft, _kept(self._desk(work, draft), draft, n))
            if not before.form.visible(question):
                return ChangedAnswer(before, before, gone=True, by_another=_is_changed_elsewhere(line, tab))
            last = line.touched.get(question)
            if last and tab.id and last.tab == tab.id and tab.seq < last.seq:
                return ChangedAnswer(before, before)
            if _is_foreign(last, tab):
                return ChangedAnswer(before, before, conflict=(question,))
            problem = None
            try:
                after = written(before.form, question, raw)
            except Invalid as invalid:
                problem, after = (
                    invalid.problem,
                    before.form.with_line(refused(before.form, question, raw, invalid.problem)),
                )
            if problem is None and (problem := self._hold(work, after).get(question)):
                after = before.form.with_line(refused(before.form, question, raw, problem))
            self._give_back(work, before.form, after)
            if after.line == line:
                return ChangedAnswer(before, before, problem)
            draft = self._save(work, draft, after.line, {question}, tab)
            return ChangedAnswer(before, DraftView(draft, after.stored(draft)), problem)

    def held_until(self, draft_id: str, e164: str) -> datetime | None:
        """Until when the draft keeps this number from others; None when it does not."""
        with self._work() as work:
            return work.numbers.held_by(draft_id, now=self._now).get(e164)

    def preview(
        self, draft_id: str, n: int, step: Step, raw: Mapping[str, str], shown: frozenset[str] | None
    ) -> Filled:
        """What a submitted page would do; stores nothing."""
        with self._work() as work:
            draft = self._open(work, draft_id)
            form = _kept(self._desk(work, draft), draft, n)
            answered = answer_step(form, step.ask, raw, shown)
            would = form.with_line(answered.line)
            return Filled(DraftView(would.draft, would), answered)

    def answer(
        self, draft_id: str, n: int, step: Step, raw: Mapping[str, str], shown: frozenset[str] | None, tab: Tab
    ) -> Filled:
        """Stores a whole submitted page as far as it is right, and tells everything that is not."""
        with self._work() as work:
            draft = self._open(work, draft_id, for_update=True)
            line = _line(draft, n)
            form = _kept(self._desk(work, draft), draft, n)
            answered = answer_step(form, step.ask, raw, shown)
            foreign = tuple(sorted(q for q in answered.written if _is_foreign(line.touched.get(q), tab)))
            if foreign:
                theirs = {q: line.answers.get(q, "") for q in foreign}
                answered = replace(answered, line=answered.line.answered(theirs))
            # Also when nothing has changed: a number whose time ran out is chosen again by sending it again.
            for question, why in self._hold(work, form.with_line(answered.line)).items():
                if question in step.ask and question not in foreign:
                    as_before = answered.line.answered({question: line.answers.get(question, "")})
                    taken_back = refused(form.with_line(as_before), question, raw.get(question, ""), why)
                    answered = replace(answered, line=taken_back, problems={**answered.problems, question: why})
            self._give_back(work, form, form.with_line(answered.line))
            if answered.line != line:
                draft = self._save(work, draft, answered.line, answered.written - set(foreign), tab)
            after = form.context.form(draft, _line(draft, n))
            unasked = (q for q in shown or () if raw.get(q, "").strip() and not (form.visible(q) or after.visible(q)))
            gone = tuple(unasked) if _is_changed_elsewhere(line, tab) else ()
            return Filled(DraftView(draft, after), answered, foreign, gone)

    # The list of lines

    def add_line(self, draft_id: str, like: int | None = None) -> int | None:
        """One employee more, if wanted like an earlier line; the new line's number, None when the draft is full."""
        with self._work() as work:
            draft = self._open(work, draft_id, for_update=True)
            if len(draft.kept) >= MOST_LINES:
                return None
            source = draft.line(like) if like else None
            n = draft.next_n
            context = self._desk(work, draft)
            line = copied(context.form(draft, source), n) if source else Line(n)
            self._save(work, draft, line, set(), Tab())
            return n

    def remove_line(self, draft_id: str, n: int, removed: bool = True) -> bool:
        """Takes a line out, or puts it back (False when the draft is full); its held number is given back meanwhile."""
        with self._work() as work:
            draft = self._open(work, draft_id, for_update=True)
            line = _line(draft, n)
            if line.removed and not removed and len(draft.kept) >= MOST_LINES:
                return False
            draft = self._save(work, draft, replace(line, removed=removed), set(), Tab())
            context = self._desk(work, draft)
            work.numbers.release(draft.id, but=_wanted(context, draft))
            if not removed:
                self._hold(work, context.form(draft, line))
            return True

    def prolong(self, draft_id: str) -> int:
        """Keeps the held numbers for another while; how many are still held."""
        with self._work() as work:
            self._open(work, draft_id, for_update=True)
            return work.numbers.prolong(draft_id, now=self._now)

    # Review and approval

    def review(self, draft_id: str) -> Review:
        """The whole draft, priced, with everything that stands in the way of approving it."""
        with self._work() as work:
            return self._review(work, self._open(work, draft_id))

    def set_reference(self, draft_id: str, reference: str) -> None:
        """Keeps the customer's own reference, which the approval would send along."""
        with self._work() as work:
            self._set_reference(work, self._open(work, draft_id, for_update=True), reference)

    def submit(
        self, draft_id: str, seen: str, terms: bool, reference: str, said: str = "", summary_seen: str = ""
    ) -> Submission:
        """Makes the draft an order if it is complete and is what was seen; pressing twice makes one order.

        `said` is what a small company says of the contract summary (domain.ordering.contract_summary.CHOICES).
        """
        try:
            with self._work() as work:
                stored = self._open(work, draft_id, for_update=True)
                # The order speaks the language in which it was read and approved.
                draft = replace(stored, reference=reference, language=self._words.language)
                review = self._review(work, draft, look_again=True)
                differs = self._differences(review, seen)
                facts = review.summary
                other = bool(facts) and not self._is_as_seen(draft, summary_seen, facts)
                silent = bool(facts) and said not in CHOICES
                if not review.is_ready or differs is not None or not terms or other or silent:
                    self._set_reference(work, stored, reference)
                    return Submission(None, review, differs, None, not terms, silent and not other, other)
                assert review.quote is not None
                placed = place_order(
                    work, self._tenant, self._words, draft, review.forms, review.quote, self._now, facts, said
                )
                return Submission(placed=placed)
        except AlreadyPlaced as already:
            return Submission(placed=Placed(already.ref, again=True))
        except Unavailable as unavailable:
            # The transaction has been rolled back: numbers taken for other lines are free again.
            return Submission(review=self.review(draft_id), unavailable=unavailable.problems)

    # Inside a transaction

    @contextmanager
    def _work(self, *, durable: bool = True) -> Iterator[Work]:
        scope = Scope(self._tenant.slug, self._company.id, self._person.id)
        with self._store.work(scope, durable=durable) as work:
            yield work

    def _open(self, work: Work, draft_id: str, *, for_update: bool = False) -> Draft:
        draft = work.things(self._company.id, (draft_id,), now=self._now).with_draft(for_update)
        if draft is None or draft.state == "discarded":
            raise NotHere(draft_id)
        if draft.state == "placed":
            order = work.orders.by_draft(draft_id)
            raise AlreadyPlaced(order.ref if order else "")
        return draft

    def _desk(self, work: Work, draft: Draft) -> OrderContext:
        inventory: Any = work.inventory(self._company.id, draft=draft.id, now=self._now)
        return OrderContext(self._tenant, self._company, self._person, inventory, self._now, self._words.language)

    def _save(self, work: Work, draft: Draft, line: Line, written: frozenset[str] | set[str], tab: Tab) -> Draft:
        rev = draft.rev + 1
        touched = line.touch(set(written), AnswerVersion(tab.id, tab.seq, rev)) if written else line
        changed = replace(draft.with_line(touched), rev=rev, touched_by=self._person.id, touched_at=self._now)
        if not work.drafts.save(changed, draft.rev):
            raise RuntimeError("the draft was locked and has changed all the same")
        return changed

    def _set_reference(self, work: Work, draft: Draft, reference: str) -> None:
        if reference != draft.reference:
            work.drafts.save(replace(draft, reference=reference, rev=draft.rev + 1), draft.rev)

    def _hold(self, work: Work, form: LineContext) -> dict[str, Problem]:
        """Keeps the numbers this line has chosen from others; what to tell, by question, of those that somebody else was quicker to take."""
        return {
            question: Problem(HELD[question], {"n": show_msisdn(e164, self._tenant.market)})
            for question, e164 in _chosen(form).items()
            if not work.numbers.hold(e164, form.draft.id, now=self._now)
        }

    def _give_back(self, work: Work, before: LineContext, after: LineContext) -> None:
        """Lets others have what the line has left. Only when it is known what stands: the choice before may count again."""
        if _chosen(after) != _chosen(before):
            work.numbers.release(after.draft.id, but=_wanted(after.context, after.draft))

    def _review(self, work: Work, draft: Draft, look_again: bool = False) -> Review:
        """`look_again` asks stock and calendar of every answer whether it still holds."""
        context = self._desk(work, draft)
        forms = tuple(context.form(draft, line) for line in draft.kept)
        current = _quote(context, draft)
        held = work.numbers.held_by(draft.id, now=self._now)
        expired = {form.line.n: why for form in forms if look_again for why in revalidate(form).values()}
        expired |= {
            form.line.n: Problem("hold.expired", {"n": form.show(q).text})
            for form in forms
            for q in HELD
            if form.value(q).startswith("+") and form.value(q) not in held
        }
        seen = self._sealer(draft).seal(self._words, self._terms, forms, current) if current else ""
        moved = current.differences(before) if current and (before := self._quote_as_seen(context, draft)) else ()
        removed = tuple(context.form(draft, line) for line in draft.lines if line.removed)
        facts, shown = None, ""
        if self._company.is_small and current and all(form.is_complete for form in forms):
            facts = facts_of(forms, current)
            shown = contract_summaries.signed(self._secret, self._tenant.slug, draft.id, facts)
        return Review(draft, forms, current, seen, expired, held, moved, removed, facts, shown)

    def _is_as_seen(self, draft: Draft, seen: str, facts: Facts | None) -> bool:
        return facts is not None and contract_summaries.is_as_seen(
            self._secret, self._tenant.slug, draft.id, seen, facts
        )

    def _quote_as_seen(self, context: OrderContext, draft: Draft) -> Quote | None:
        """The quote by the lists of the day the draft was begun, when others are valid by now."""
        if not draft.price_seen or draft.price_seen == _lists(context) or not draft.kept:
            return None
        prices, _, agreement = draft.price_seen.partition("|")
        known = {each.id: each for each in self._tenant.price_lists}
        agreed = {each.id: each for lists in self._tenant.agreements.values() for each in lists}
        return _quote(replace(context, lists=(known.get(prices), agreed.get(agreement))), draft)

    def _differences(self, review: Review, seen: str) -> Differences | None:
        """None when it is as it was shown, or has no price to be shown with."""
        if review.quote is None:
            return None
        return self._sealer(review.draft).differences(seen, self._words, self._terms, review.forms, review.quote)

    @property
    def _terms(self) -> LegalText:
        return self._tenant.legal_text("terms", self._words.language)

    def _sealer(self, draft: Draft) -> ReviewFingerprint:
        return ReviewFingerprint(self._secret, self._tenant.slug, draft.id)


def _quote(context: OrderContext, draft: Draft, current: LineContext | None = None) -> Quote | None:
    forms = [current if current and line.n == current.line.n else context.form(draft, line) for line in draft.kept]
    try:
        return quote(forms) if forms else None
    except NoPrices:
        return None


def _lists(context: OrderContext) -> str:
    return f"{context.prices.id if context.prices else ''}|{context.agreement.id if context.agreement else ''}"


def _line(draft: Draft, n: int) -> Line:
    line = draft.line(n)
    if line is None:
        raise NotHere(f"{draft.id}/{n}")
    return line


def _kept(context: OrderContext, draft: Draft, n: int) -> LineContext:
    """The line to be answered; raises LineRemoved where somebody has taken it out."""
    form = context.form(draft, _line(draft, n))
    if form.line.removed:
        raise LineRemoved(draft.id, n, form.user_name)
    return form


def _is_foreign(last: AnswerVersion | None, tab: Tab) -> bool:
    """Whether another tab has written this answer since the page was loaded."""
    return bool(last and tab.rev is not None and last.tab != tab.id and last.rev > tab.rev)


def _is_changed_elsewhere(line: Line, tab: Tab) -> bool:
    return any(_is_foreign(last, tab) for last in line.touched.values())


def _chosen(form: LineContext) -> dict[str, str]:
    """The numbers of seller or company that a line has chosen, by question; a parked one is none."""
    return {question: e164 for question in HELD if (e164 := form.value(question)).startswith("+")}


def _wanted(context: OrderContext, draft: Draft) -> tuple[str, ...]:
    """Every number the draft's lines have chosen."""
    return tuple(e164 for line in draft.kept for e164 in _chosen(context.form(draft, line)).values())
