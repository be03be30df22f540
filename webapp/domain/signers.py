"""Those who sign besides the first, as somebody typed them: one person a line; knows no form and sends no mail."""

from __future__ import annotations

import re

from webapp.domain.numbers import read_email, read_text
from webapp.domain.paper import PaperSigner
from webapp.domain.problem import Invalid

MOST_FURTHER = 5
LONGEST_NAME = 80
LONGEST_LINE = 400

_ANGLED = re.compile(r"(.*?)[\s,;]*<([^<>]*)>")


def read_signers(typed: str, first: str = "") -> tuple[PaperSigner, ...]:
    """The persons in "Name, e-mail" or "Name <e-mail>", a line each. `first` is the address of who signs anyhow.

    Raises Invalid, which names the line that does not read.
    """
    signers: list[PaperSigner] = []
    taken = {first.casefold()}
    for n, line in enumerate(typed.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not line.strip():
            continue
        signer = _read(line, n)
        if signer.email.casefold() in taken:
            raise Invalid("port.signers.twice", n=n, email=signer.email)
        taken.add(signer.email.casefold())
        signers.append(signer)
        if len(signers) > MOST_FURTHER:
            raise Invalid("port.signers.many", most=MOST_FURTHER)
    return tuple(signers)


def _read(line: str, n: int) -> PaperSigner:
    try:
        text = read_text(line, longest=LONGEST_LINE)
        angled = _ANGLED.fullmatch(text)
        name, email = angled.groups() if angled else re.split(r"[,;](?=[^,;]*$)", text, maxsplit=1)
        name = read_text(name, longest=LONGEST_NAME)
        if not any(char.isalpha() for char in name):
            raise Invalid("text.missing")
        return PaperSigner(name, read_email(email.strip()))
    except (Invalid, ValueError):
        raise Invalid("port.signers.line", n=n) from None


def write_signers(signers: tuple[PaperSigner, ...]) -> str:
    """The same, as it is stored and shown for editing."""
    return "\n".join(f"{signer.name}, {signer.email}" for signer in signers)
