"""Correcting a number's move after the order was placed: the order stays, the porting and its paper change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from webapp.domain.problem import Problem
from webapp.domain.tenant import Tenant
from webapp.store.work import Work


@dataclass(frozen=True)
class Correction:
    """What is to be different; None: as it is. Raw text as typed. Who signs is changed by invitations.other_signer."""

    number: str | None = None
    donor: str | None = None
    customer_no: str | None = None
    owner_type: str | None = None
    owner_name: str | None = None
    owner_id: str | None = None
    owner_address: str | None = None
    wished_date: str | None = None


@dataclass(frozen=True)
class Corrected:
    """What came of it: problems by question id (port.number …), else whether a new paper is to be signed."""

    problems: dict[str, Problem]
    new_paper: bool = False


def present(work: Work, order: str, n: int) -> Correction | None:
    """The move of that line as it stands now, all fields filled; None when the line moves no number or it is over."""
    raise NotImplementedError


def correct(work: Work, tenant: Tenant, order: str, n: int, correction: Correction, now: datetime) -> Corrected:
    """Takes a correction in. Owner, number or donor: the next version of the paper, the signature before is void, links die,
    invitations go out anew. The date alone changes no paper."""
    raise NotImplementedError


def earliest(tenant: Tenant, kind: str, today: date) -> date:
    """The first day on which a number of that kind can move."""
    raise NotImplementedError
