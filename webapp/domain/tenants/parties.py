"""Who is named on a paper: a seller as papers name it; knows no paper."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.domain.market import Market
from webapp.domain.numbers import is_sole_trader, show_company_id
from webapp.domain.tenants.tenant import LegalEntity


@dataclass(frozen=True)
class Party:
    """Somebody named in a paper. `org_id` is as shown to people, empty for a private person; a sole trader's is masked."""

    name: str
    address: str
    org_id: str = ""
    vat_id: str = ""


def party_of(entity: LegalEntity, market: Market) -> Party:
    """A seller as papers name it."""
    digits = "".join(filter(str.isdigit, entity.org_id))
    # A sole trader's VAT number holds the same digits as the number that is masked.
    vat_id = "" if is_sole_trader(digits, market) else entity.vat_id
    return Party(entity.name, ", ".join(entity.lines), show_company_id(digits, market), vat_id)
