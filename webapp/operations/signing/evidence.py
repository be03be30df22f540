"""How a paper came to be signed, told to people and to machines; reads no row and decides nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.ordering.order import Order
from webapp.domain.papers.facts import EvidenceEvent, PowerOfAttorney, Signature, declarations
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.store.papers.documents import Document
from webapp.store.signing import Signer, SigningEvent

FORMAT = "signature-evidence-1"
"""Names no platform. Papers of earlier releases say "skylt-evidence-1", with the same parts."""
_LOGIN = {"auth_time": "auth_time", "subject": "subject_sha256"}
"""What an eID told that no page shows: when it was used, and a keyed hash by which the same person is known again."""


@dataclass(frozen=True)
class Evidence:
    """Everything that is known about the signatures of a paper. `document` is the unsigned one, `paper` what it says."""

    order: Order
    document: Document
    paper: PowerOfAttorney
    signers: tuple[Signer, ...]
    history: list[SigningEvent]

    def signatures(self) -> tuple[Signature, ...]:
        """As they stand on the paper."""
        return tuple(_signature(signer) for signer in self.signers)

    def events(self) -> tuple[EvidenceEvent, ...]:
        """As they stand on the page of evidence."""
        names = {signer.id: signer.name for signer in self.signers}
        return tuple(
            EvidenceEvent(each.at, each.what, names.get(each.signer or "", ""), _short(each.details))
            for each in self.history
        )

    def for_machines(self, seller: Tenant, verify_code: str) -> str:
        """All of it as JSON: the same text for the same facts. Declarations are in the words that were shown."""
        language = self.paper.language
        words = Localizer(language, seller.own_words(language), market=seller.market.code)
        sentences = dict(declarations(self.paper, words))
        places = {signer.id: signer.n for signer in self.signers}
        told = {
            "format": FORMAT,
            "order": {
                "ref": self.order.ref, "company": self.order.company.name, "ordered_by": self.order.ordered_by,
                "placed_at": self.order.placed_at.isoformat(),
            },
            "paper": {
                "document": self.document.id, "number": self.paper.number, "version": self.paper.version,
                "language": language, "wording": seller.revision, "wording_approved": self.paper.legal_approved,
                "data_sha256": self.paper.data_sha256, "shown_sha256": self.document.sha256,
                "shown_size": self.document.size, "made_at": self.document.made_at.isoformat(),
                "verify_code": verify_code,
            },
            "signers": [self._signer(signer, sentences) for signer in self.signers],
            "events": _chained(
                {
                    "at": event.at.isoformat(), "what": event.what, "details": dict(event.details),
                    "signer": places.get(event.signer or ""),
                }
                for event in self.history
            ),
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)

    def _signer(self, signer: Signer, sentences: Mapping[str, str]) -> dict[str, Any]:
        logins = [each.details for each in self.history if (each.signer, each.what) == (signer.id, "eid_confirmed")]
        login = {name: logins[-1][key] for key, name in _LOGIN.items()} if logins and signer.method == "eid" else {}
        return {
            "n": signer.n, "invited_as": signer.name, "email": signer.email, "name": signer.signed_name,
            "capacity": signer.capacity, "method": signer.method, "address": signer.address, **signer.proof, **login,
            "signed_at": signer.signed_at.isoformat() if signer.signed_at else None,
            "declared": [
                {"code": code, "text": sentences[code], "sha256": _sha256(sentences[code])} for code in signer.declarations
            ],
        }  # fmt: skip


def _signature(signer: Signer) -> Signature:
    assert signer.signed_at is not None
    return Signature(
        n=signer.n, name=signer.signed_name, email=signer.email, capacity=signer.capacity, method=signer.method,
        signed_at=signer.signed_at, address=signer.address, **signer.proof,
    )  # fmt: skip


def _short(details: Mapping[str, Any]) -> str:
    return str(next(filter(None, (details.get("to"), details.get("address"))), ""))


def _chained(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each event with the hash of all up to it: SHA-256 of the hash before (nothing at first) and its own compact JSON."""
    found, before = [], ""
    for event in events:
        compact = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        before = _sha256(before + compact)
        found.append({**event, "chain": before})
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
