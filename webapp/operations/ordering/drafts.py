"""Everything somebody who orders can do with a draft, from the first answer to the order; one transaction a verb."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.answering import Answered, answer_step, copied, refused, revalidate, write, written
from webapp.domain.ordering.contract_summary import CHOICES, Facts
from webapp.domain.ordering.draft import MOST_LINES, AnswerVersion, Draft, Line, Rest
from webapp.domain.ordering.journey import Journey, journey
from webapp.domain.ordering.line import LineContext, OrderContext
from webapp.domain.ordering.outline import Claims, Outline, outline, sums_of
from webapp.domain.ordering.quote import Quote
from webapp.domain.people import Person
from webapp.domain.problem import Invalid, Problem
from webapp.domain.tenants.tenant import LegalText, Step, Tenant
from webapp.l10n import Localizer
from webapp.operations.ordering import contract_summaries, review
from webapp.operations.ordering.checkout import TAKEN, AlreadyPlaced, Placed, Unavailable, place_order
from webapp.operations.ordering.review import FIRST_PAGE, Look, Review
from webapp.operations.ordering.review_fingerprint import Differences, ReviewFingerprint
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Work


class NotHere(LookupError):
    """No such draft or line in this company."""


class LineRemoved(Exception):
    """The line has been taken out of the order, so nothing can be answered on it. It can be put back."""

    def __init__(self, draft: str, n: int, user: str) -> None:
        super().__init__(f"{draft}/{n}")
        self.draft, self.n, self.user = draft, n, user


class _Overtaken(Exception):
    """Somebody else has written the draft since it was read."""


_TRIES = 20


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
        return review.priced([self.form], self.draft.rest.sums)

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
            form = self._context(work, draft.id).form(draft, draft.lines[0])
            for question, raw in (answers or {}).items():
                with suppress(Invalid):
                    form = form.with_line(write(form, question, raw))
            return form

    def start(self, answers: Mapping[str, str]) -> str:
        """A new draft with one line and its first answers (kind, or product); its id. Raises Invalid."""
        draft = self._new_draft()
        with self._work() as work:
            context = self._context(work, draft.id)
            form = context.form(draft, draft.lines[0])
            for question, raw in answers.items():
                form = written(form, question, raw)
            work.drafts.add(replace(form.draft, price_seen=review.lists_of(context)), {1: outline(form)})
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
            context, draft = self._open(work, draft_id, n)
            return DraftView(draft, _kept(context, draft, n))

    def change(self, draft_id: str, n: int, question: str, raw: str, tab: Tab) -> ChangedAnswer:
        """Stores one answer the moment it is given; a late one (lower `seq` of the same tab) is ignored.

        It does not wait for the disk: Continue sends the whole page again, and that does. Nor does it keep others waiting, as
        the lock of the rarer verbs would, which costs a round trip: who was overtaken looks again.
        """
        for _ in range(_TRIES):
            with suppress(_Overtaken):
                return self._change(draft_id, n, question, raw, tab)
        raise RuntimeError(f"the draft {draft_id} was changed by others {_TRIES} times in a row")

    def _change(self, draft_id: str, n: int, question: str, raw: str, tab: Tab) -> ChangedAnswer:
        with self._work(durable=False) as work:
            context, draft = self._open(work, draft_id, n, writes=True)
            line = _line(draft, n)
            before = DraftView(draft, _kept(context, draft, n))
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
            if _chosen(before.form) or _chosen(after):
                # The draft before the number, as every verb takes them: two that took them crosswise would wait for each other.
                work.things(self._company.id, (draft_id,), now=self._now).lock_draft()
            if problem is None and (problem := self._hold(work, after).get(question)):
                after = before.form.with_line(refused(before.form, question, raw, problem))
            self._give_back(work, before.form, after)
            if after.line == line:
                return ChangedAnswer(before, before, problem)
            draft = self._save(work, draft, after, {question}, tab)
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
            context, draft = self._open(work, draft_id, n)
            form = _kept(context, draft, n)
            answered = answer_step(form, step.ask, raw, shown)
            would = form.with_line(answered.line)
            return Filled(DraftView(would.draft, would), answered)

    def answer(
        self, draft_id: str, n: int, step: Step, raw: Mapping[str, str], shown: frozenset[str] | None, tab: Tab
    ) -> Filled:
        """Stores a whole submitted page as far as it is right, and tells everything that is not."""
        with self._work() as work:
            context, draft = self._open(work, draft_id, n, for_update=True)
            line = _line(draft, n)
            form = _kept(context, draft, n)
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
            would = form.with_line(answered.line)
            self._give_back(work, form, would)
            if answered.line != line:
                draft = self._save(work, draft, would, answered.written - set(foreign), tab)
            after = would.stored(draft)
            unasked = (q for q in shown or () if raw.get(q, "").strip() and not (form.visible(q) or after.visible(q)))
            gone = tuple(unasked) if _is_changed_elsewhere(line, tab) else ()
            return Filled(DraftView(draft, after), answered, foreign, gone)

    # The list of lines

    def add_line(self, draft_id: str, like: int | None = None) -> int | None:
        """One employee more, if wanted like an earlier line; the new line's number, None when the draft is full."""
        with self._work() as work:
            context, draft = self._open(work, draft_id, like or 0, for_update=True)
            if draft.count >= MOST_LINES:
                return None
            source = draft.line(like) if like else None
            n = draft.next_n
            line = copied(context.form(draft, source), n) if source else Line(n)
            self._save(work, draft, context.form(draft.with_line(line), line), set(), Tab())
            return n

    def remove_line(self, draft_id: str, n: int, removed: bool = True) -> bool:
        """Takes a line out, or puts it back (False when the draft is full); its held number is given back meanwhile."""
        with self._work() as work:
            context, draft = self._open(work, draft_id, n, for_update=True)
            before = context.form(draft, _line(draft, n))
            if before.line.removed and not removed and draft.count >= MOST_LINES:
                return False
            after = before.with_line(replace(before.line, removed=removed))
            self._save(work, draft, after, set(), Tab())
            if removed:
                self._release(work, before, _chosen(before).items())
                work.drafts.forget_removed(draft.id, but=n)
            else:
                self._hold(work, after)
            return True

    def prolong(self, draft_id: str) -> int:
        """Keeps the held numbers for another while; how many are still held."""
        with self._work() as work:
            self._open(work, draft_id, 0, for_update=True)
            return work.numbers.prolong(draft_id, now=self._now)

    # Review and approval

    def review(self, draft_id: str, look: Look = FIRST_PAGE) -> Review:
        """The draft read back, a page of it, priced, with everything that stands in the way of approving it."""
        with self._work() as work:
            return self._review(work, draft_id, look)

    def set_reference(self, draft_id: str, reference: str) -> None:
        """Keeps the customer's own reference, which the approval would send along."""
        with self._work() as work:
            _, draft = self._open(work, draft_id, 0, for_update=True)
            self._set_reference(work, draft, reference)

    def submit(
        self, draft_id: str, seen: str, terms: bool, reference: str, said: str = "", summary_seen: str = ""
    ) -> Submission:
        """Makes the draft an order if it is complete and is what was seen; pressing twice makes one order.

        `said` is what a small company says of the contract summary (domain.ordering.contract_summary.CHOICES).
        """
        try:
            with self._work() as work:
                context, stored = self._open(work, draft_id, for_update=True)
                # The order speaks the language in which it was read and approved.
                draft = replace(stored, reference=reference, language=self._words.language)
                forms, outlines = review.all_forms(context, draft)
                quote = review.priced(forms, Rest().sums)
                facts = review.summary_of(context, forms, quote)
                review.look_ahead(work.inventory(self._company.id, draft=draft_id, now=self._now), forms)
                expired = self._expired(work, context, forms, outlines)
                differs = None
                if quote:
                    sealer = self._sealer(draft)
                    differs = sealer.differences(seen, self._words, self._terms, forms, quote, outlines)
                other = bool(facts) and not self._is_as_seen(draft, summary_seen, facts)
                silent = bool(facts) and said not in CHOICES
                is_ready = all(form.is_complete for form in forms) and 0 < len(forms) <= MOST_LINES and not expired
                if not is_ready or quote is None or differs is not None or not terms or other or silent:
                    # What was remembered of the lines is brought up to date, so that the next review shows what counts.
                    work.drafts.save_outlines(draft_id, zip((form.line for form in forms), outlines, strict=True))
                    self._set_reference(work, stored, reference)
                    read = self._review(work, draft_id, FIRST_PAGE, expired)
                    return Submission(None, read, differs, None, not terms, silent and not other, other)
                placed = place_order(work, self._tenant, self._words, draft, forms, quote, self._now, facts, said)
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

    def _open(
        self, work: Work, draft_id: str, line: int | None = None, *, for_update: bool = False, writes: bool = False
    ) -> tuple[OrderContext, Draft]:
        """The draft with that line at hand (0: with none, None: with all), and what its lines have in common.

        `for_update` keeps others from writing it until commit; `writes` says that the caller may be overtaken.
        """
        things = work.things(self._company.id, (draft_id,), now=self._now)
        if for_update:
            things.lock_draft()
        context = self._context(work, draft_id)
        draft = self._is_open(work, things.with_draft(line=line, basis=context.basis), draft_id)
        if draft.rest.sums.stale:
            here = {each.n for each in draft.lines}
            outlines = review.outlines_of(work, things, context, draft_id, keep=for_update or writes)
            others = [each for each in outlines if each.n not in here and not each.removed]
            rest = replace(draft.rest, sums=sums_of(others), others=Claims(others).of_others(0))
            draft = replace(draft, rest=rest)
        return context, draft

    def _is_open(self, work: Work, draft: Draft | None, draft_id: str) -> Draft:
        if draft is None or draft.state == "discarded":
            raise NotHere(draft_id)
        if draft.state == "placed":
            order = work.orders.by_draft(draft_id)
            raise AlreadyPlaced(order.ref if order else "")
        return draft

    def _context(self, work: Work, draft_id: str) -> OrderContext:
        inventory: Any = work.inventory(self._company.id, draft=draft_id, now=self._now)
        return OrderContext(self._tenant, self._company, self._person, inventory, self._now, self._words.language)

    def _save(
        self, work: Work, draft: Draft, after: LineContext, written: frozenset[str] | set[str], tab: Tab
    ) -> Draft:
        rev = draft.rev + 1
        touched = after.line.touch(set(written), AnswerVersion(tab.id, tab.seq, rev)) if written else after.line
        changed = replace(draft.with_line(touched), rev=rev, touched_by=self._person.id, touched_at=self._now)
        if not work.drafts.save(changed, draft.rev, {touched.n: outline(after)}):
            raise _Overtaken
        return changed

    def _set_reference(self, work: Work, draft: Draft, reference: str) -> None:
        if reference != draft.reference:
            work.drafts.save(replace(draft, reference=reference, rev=draft.rev + 1), draft.rev)

    def _hold(self, work: Work, form: LineContext) -> dict[str, Problem]:
        """Keeps the numbers this line has chosen from others; what to tell, by question, of those that somebody else was quicker to take."""
        return {
            question: Problem(TAKEN[question], {"n": show_msisdn(e164, self._tenant.market)})
            for question, e164 in _chosen(form).items()
            if not work.numbers.hold(e164, form.draft.id, now=self._now)
        }

    def _give_back(self, work: Work, before: LineContext, after: LineContext) -> None:
        """Lets others have what the line has left. Only when it is known what stands: the choice before may count again."""
        left = _chosen(before).items() - _chosen(after).items()
        self._release(work, after, [(q, e164) for q, e164 in left if e164 not in _chosen(after).values()])

    def _release(self, work: Work, form: LineContext, chosen: Iterable[tuple[str, str]]) -> None:
        """Gives back what a line had chosen, unless another line of the draft has chosen the same."""
        if gone := [e164 for question, e164 in chosen if not form.elsewhere(question, e164)]:
            work.numbers.release(form.draft.id, only=gone)

    def _expired(
        self, work: Work, context: OrderContext, forms: Sequence[LineContext], outlines: Iterable[Outline]
    ) -> dict[int, Problem]:
        """Of every line, what could be answered and no longer can: stock and calendar are asked once more."""
        held = work.numbers.held_by(forms[0].draft.id, now=self._now) if forms else {}
        expired = {form.line.n: why for form in forms for why in revalidate(form).values()}
        return expired | review.no_longer_held(context, outlines, held)

    def _review(self, work: Work, draft_id: str, look: Look, expired: Mapping[int, Problem] | None = None) -> Review:
        """`expired` as it has just been found, when every line was asked; else what is known without asking."""
        things = work.things(self._company.id, (draft_id,), now=self._now)
        context = self._context(work, draft_id)
        every = review.outlines_of(work, things, context, draft_id, keep=False)
        kept = tuple(each for each in every if not each.removed)
        look, pages, page, found = review.page_of(look, kept)
        small = self._company.is_small  # the contract summary tells of all lines; so few employees have few of them
        wanted = [each.n for each in (kept if small else page or kept[:1])]  # one at least, to be priced by
        draft = self._is_open(work, things.with_draft(lines=wanted, basis=context.basis), draft_id)
        at_hand = {form.line.n: form for form in (review.alone(context, draft, line.n) for line in draft.kept)}
        forms = tuple(at_hand[each.n] for each in page if each.n in at_hand)
        others = sums_of(each for each in kept if each.n not in at_hand)
        quote = review.priced(tuple(at_hand.values()), others)
        then = review.as_begun(context, draft, tuple(at_hand.values()), others)
        held = work.numbers.held_by(draft.id, now=self._now)
        here = {form.line.n for form in forms}
        shown = quote.without(at_hand.keys() - here) if quote else None
        seen = self._sealer(draft).seal(self._words, self._terms, forms, shown, kept) if shown else ""
        facts = review.summary_of(context, tuple(at_hand.values()), quote) if small else None
        return Review(
            draft=draft,
            look=look,
            pages=pages,
            found=found,
            forms=forms,
            outlines=kept,
            removed=tuple(each for each in every if each.removed),
            quote=quote,
            seen=seen,
            expired=expired if expired is not None else review.no_longer_held(context, kept, held),
            held=held,
            moved=quote.differences(then) if quote and then else (),
            summary=facts,
            summary_seen=contract_summaries.signed(self._secret, self._tenant.slug, draft.id, facts) if facts else "",
        )

    def _is_as_seen(self, draft: Draft, seen: str, facts: Facts | None) -> bool:
        return facts is not None and contract_summaries.is_as_seen(
            self._secret, self._tenant.slug, draft.id, seen, facts
        )

    @property
    def _terms(self) -> LegalText:
        return self._tenant.legal_text("terms", self._words.language)

    def _sealer(self, draft: Draft) -> ReviewFingerprint:
        return ReviewFingerprint(self._secret, self._tenant.slug, draft.id)


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
    return {question: e164 for question in TAKEN if (e164 := form.value(question)).startswith("+")}
