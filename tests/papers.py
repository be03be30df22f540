"""Papers put straight into the store as jobs leave them: of any kind and version, with the numbers they cover."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from webapp.domain.market import DENMARK, SWEDEN
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.order import Order
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.unit_of_work import Store

SIGNED, SHOWN = "power_of_attorney_signed", "power_of_attorney"


def keep(
    store: Store, tenant: str, order: Order, kind: str = SIGNED, *, at: datetime, numbers: tuple[str, ...] = (),
    subject: str = "", version: int = 1, content: bytes = b"", **facts: Any,
) -> Document:  # fmt: skip
    """One paper of an order."""
    number = subject or f"{order.ref}-1"
    bytes_of_it = content or f"%PDF-1.7 {tenant} {number} {kind} {version}".encode()
    document = Document(
        new_id(), order.company.id, order.ref, number, kind, version, "Fullmakt", order.language,
        hashlib.sha256(bytes_of_it).hexdigest(), len(bytes_of_it), f"code-{new_id()}", at,
        {"number": number, "file": f"{tenant}_{kind}_{number}.pdf", "numbers": list(numbers), "paper": {"moves": [{"number": _shown(e164)} for e164 in numbers]}, **facts},
    )  # fmt: skip
    with store.work(Scope(tenant, None, "test")) as work:
        assert work.documents.add(document, bytes_of_it)
    return document


def _shown(e164: str) -> str:
    return show_msisdn(e164, DENMARK if e164.startswith("+45") else SWEDEN)
