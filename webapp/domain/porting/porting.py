"""A number's move as it is asked for: which number or series, whose it is, who signs, when; knows neither draft nor paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

from webapp.domain.porting.signers import SignerName
from webapp.domain.stored_json import DayOrEmpty


@dataclass(frozen=True)
class Porting:
    """A number that comes from another operator, with everybody the four roles name."""

    e164: str
    kind: str
    donor: str
    customer_no: str
    present_icc: str
    owner_type: str  # company | employee | other
    owner_name: str
    owner_id: str  # empty for a private owner
    owner_address: str
    signer_name: str
    signer_email: str
    mode: str  # date | asap | after_binding
    wished_date: DayOrEmpty  # none when the mode has none
    wished_hour: str
    takeover: bool
    signers: tuple[SignerName, ...] = ()  # those who sign besides the first
    in_order: bool = False  # one after the other
    first: str = ""  # of a series, E.164; empty for a single number
    last: str = ""
    main: str = ""

    @property
    def all_signers(self) -> tuple[SignerName, ...]:
        """Everybody who is to sign, as named."""
        return (SignerName(self.signer_name, self.signer_email), *self.signers)


CORRECTABLE = ("awaiting_signature", "signed", "rejected")
"""States of a move in which what is asked for can still be changed here."""


def is_signed_of(porting: Porting) -> Porting:
    """What a signature is given for: all but when it moves and by which address a signer is reached."""
    names = tuple(SignerName(signer.name, "") for signer in porting.signers)
    unsigned = {
        "mode": "",
        "wished_date": None,
        "wished_hour": "",
        "customer_no": "",
        "present_icc": "",
        "signer_email": "",
    }
    return replace(porting, **unsigned, signers=names)  # type: ignore[arg-type]


def with_signer(porting: Porting, old: SignerName, new: SignerName) -> Porting:
    """The same move signed by somebody else, or by the same one at another address."""
    signers = tuple(new if _is(signer, old) else signer for signer in porting.all_signers)
    return replace(porting, signer_name=signers[0].name, signer_email=signers[0].email, signers=signers[1:])


def _is(one: SignerName, other: SignerName) -> bool:
    return (one.name.casefold(), one.email.casefold()) == (other.name.casefold(), other.email.casefold())
