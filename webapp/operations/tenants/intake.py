"""What an operator brings along: customers and numbers, one by one or from a CSV file; all of a file or nothing, told row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.domain import numbers
from webapp.domain.people import SIZES, Company
from webapp.domain.problem import Invalid
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import TEXTS
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.unit_of_work import Store, Work

CUSTOMER = ("name", "org_id", "size", "agreement", "street", "zip", "city")
NUMBERS = ("first", "last", "kind", "company")
KINDS = ("mobile", "fixed")
LARGEST = 5_000_000
MOST_ROWS, MOST_NUMBERS = 50_000, 100_000

Row = Mapping[str, str]


class Unreadable(ValueError):
    """A file that is no table of these columns; the message, for an operator's terminal, says why."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row. `line` is the file's, 0 where there is none."""

    line: int
    column: str
    told: str


@dataclass(frozen=True)
class Outcome:
    """How many rows came in (or would), or what is wrong with them: then none did."""

    count: int
    faults: tuple[Fault, ...] = ()


def read_rows(content: bytes, columns: tuple[str, ...], needed: tuple[str, ...]) -> list[tuple[int, Row]]:
    """The rows of a CSV file with their lines; `;`, `,` or tabs between cells. Raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST // 1_000_000} MB: split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content.count(b"\n", 0, broken.start) + 1
        raise Unreadable(f"line {line} is not UTF-8: save the file as CSV UTF-8") from None
    head = text.split("\n", 1)[0]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(";,\t", key=head.count), strict=True)
    try:
        names = tuple(cell.strip().lower() for cell in next(reader, ()))
        _check_names(names, columns, needed)
        rows: list[tuple[int, Row]] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise Unreadable(f"line {reader.line_num} has {len(cells)} cells instead of {len(names)}")
            rows.append((reader.line_num, dict(zip(names, cells, strict=True))))
    except csv.Error as broken:
        raise Unreadable(f"line {reader.line_num} is not CSV: {broken}") from None
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"there are more than {MOST_ROWS} rows: split the file")
    return rows


def _check_names(names: tuple[str, ...], columns: tuple[str, ...], needed: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in columns]
    missing = [name for name in needed if name not in names]
    if unknown or missing or len(set(names)) != len(names):
        raise Unreadable(
            f"the first line names the columns: {', '.join(columns)} ({', '.join(needed)} must be there)"
            + (f"; unknown: {', '.join(name or '(empty)' for name in unknown)}" if unknown else "")
            + (f"; missing: {', '.join(missing)}" if missing else "")
        )


class Intake:
    """One tenant's customers and numbers as they come in. `actor` stands in the audit trail."""

    def __init__(self, store: Store, tenant: Tenant, actor: str, now: datetime) -> None:
        self._store, self._tenant, self._actor, self._now = store, tenant, actor, now

    def customers(self, rows: Sequence[tuple[int, Row]], *, dry_run: bool = False) -> Outcome:
        """New customers, all or none."""
        with self._store.work(Scope(self._tenant.slug, None, self._actor)) as work:
            known = {company.org_id: 0 for company in work.companies.listing()}
            found, faults = [], []
            for line, row in rows:
                company, wrong = self._customer(line, row)
                if company and company.org_id in known:
                    where = f"in line {known[company.org_id]}" if known[company.org_id] else "a customer"
                    wrong = [Fault(line, "org_id", f"it is {where} already")]
                faults += wrong
                if company and not wrong:
                    known[company.org_id] = line
                    found.append(company)
            if not faults and not dry_run:
                for company in found:
                    work.companies.add(company)
                    details = {"agreement": company.agreement or "", "size": company.size}
                    work.audit.write("company.added", company.id, now=self._now, details=details, company=company.id)
        return Outcome(len(found), tuple(faults))

    def _customer(self, line: int, row: Row) -> tuple[Company | None, list[Fault]]:
        market, today = self._tenant.market, self._tenant.market.today(self._now)
        cells = _Cells(line, row)
        company = Company(
            new_id(),
            cells.read("name", numbers.read_text),
            cells.read("org_id", lambda text: numbers.read_company_id(text, market)),
            cells.one_of("size", SIZES, "unknown"),
            row.get("agreement", "").strip() or None,
            cells.read("street", numbers.read_text),
            cells.read("zip", lambda text: numbers.read_postcode(text, market)),
            cells.read("city", numbers.read_text),
        )
        if company.agreement and self._tenant.agreement_on(company.agreement, today) is None:
            there = ", ".join(sorted(self._tenant.agreements)) or "none"
            cells.faults.append(
                Fault(line, "agreement", f"{company.agreement} is not published and begun; there are: {there}")
            )
        return (None if cells.faults else company), cells.faults

    def numbers(self, rows: Sequence[tuple[int, Row]], *, dry_run: bool = False) -> Outcome:
        """Numbers for the pool, or reserved for the customer a row names; all or none."""
        with self._store.work(Scope(self._tenant.slug, None, self._actor)) as work:
            companies = {company.org_id: company.id for company in work.companies.listing()}
            seen: dict[str, int] = {}
            added: list[tuple[str, str, str | None]] = []
            faults: list[Fault] = []
            for line, row in rows:
                series, kind, company, wrong = self._series(line, row, companies)
                wrong = wrong or self._taken(work, line, series, seen)
                if len(added) + len(series) > MOST_NUMBERS:
                    wrong = [Fault(line, "last", f"more than {MOST_NUMBERS} numbers in one file")]
                faults += wrong
                if not wrong:
                    seen.update(dict.fromkeys(series, line))
                    added += [(e164, kind, company) for e164 in series]
            if not faults and not dry_run:
                for e164, kind, company in added:
                    work.numbers.add(e164, kind, "reserved" if company else "free", company)
                if added:
                    details = {"count": len(added), "first": added[0][0], "last": added[-1][0]}
                    work.audit.write("numbers.added", self._tenant.slug, now=self._now, details=details)
        return Outcome(len(added), tuple(faults))

    def _series(
        self, line: int, row: Row, companies: Mapping[str, str]
    ) -> tuple[list[str], str, str | None, list[Fault]]:
        market, cells = self._tenant.market, _Cells(line, row)
        first = cells.read("first", self._number)
        last = cells.read("last", self._number) if row.get("last", "").strip() else first
        own = numbers.number_kind(first) if first else "either"
        kind = cells.one_of("kind", KINDS, own if own in KINDS else "")
        if kind and own in KINDS and kind != own:
            cells.faults.append(Fault(line, "kind", f"the number is {own}"))
        owner = (
            cells.read("company", lambda text: numbers.read_company_id(text, market))
            if row.get("company", "").strip()
            else ""
        )
        if owner and owner not in companies:
            cells.faults.append(Fault(line, "company", "no customer has this number: add it first"))
        if first and last and (len(first) != len(last) or last < first):
            cells.faults.append(Fault(line, "last", "it does not come after the first"))
        if first and last and not cells.faults and int(last[1:]) - int(first[1:]) >= MOST_NUMBERS:
            cells.faults.append(Fault(line, "last", f"more than {MOST_NUMBERS} numbers"))
        if cells.faults:
            return [], kind, None, cells.faults
        series = [f"+{n}" for n in range(int(first[1:]), int(last[1:]) + 1)]
        return series, kind, companies.get(owner), []

    def _number(self, text: str) -> str:
        return numbers.read_msisdn(text, self._tenant.market, self._tenant.test_numbers)

    def _taken(self, work: Work, line: int, series: list[str], seen: Mapping[str, int]) -> list[Fault]:
        twice = next((e164 for e164 in series if e164 in seen), None)
        if twice:
            return [Fault(line, "first", f"{twice} stands in line {seen[twice]} already")]
        if series and work.numbers.whereabouts(series[0], series[-1]):
            return [Fault(line, "first", "a number of these is in the pool, held or in use already")]
        return []


def said(invalid: Invalid) -> str:
    """The reason in English, for an operator's terminal."""
    return TEXTS[invalid.problem.code] % invalid.problem.params


class _Cells:
    """The cells of a row, each read by the reader that a form has, too."""

    def __init__(self, line: int, row: Row) -> None:
        self._line, self._row = line, row
        self.faults: list[Fault] = []

    def read(self, column: str, reader: Callable[[str], str]) -> str:
        try:
            return reader(self._row.get(column, ""))
        except Invalid as invalid:
            self.faults.append(Fault(self._line, column, said(invalid)))
            return ""

    def one_of(self, column: str, choices: tuple[str, ...], unsaid: str) -> str:
        given = self._row.get(column, "").strip().lower() or unsaid
        if given not in choices:
            self.faults.append(Fault(self._line, column, f"one of {', '.join(choices)}"))
            return ""
        return given
