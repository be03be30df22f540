"""Those who sign besides the first, as somebody typed them: one person a line; knows no form and sends no mail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from webapp.domain.folding import is_blank
from webapp.domain.numbers import read_email, read_text
from webapp.domain.problem import Invalid


@dataclass(frozen=True)
class SignerName:
    """Somebody who is to sign, in the order in which the paper names them."""

    name: str
    email: str


MOST_FURTHER = 5
LONGEST_NAME = 80
LONGEST_LINE = 400

_GAP = r"[\s,;|/&+]*+"
_ADDRESS = r"<(?P<angled>[^<>]*)>|(?<![^\s,;])(?P<bare>[^\s,;<>]+@[^\s,;<>]+)"
_PERSON = re.compile(rf"{_GAP}(?P<name>[^<>@]*?){_GAP}(?:{_ADDRESS})")
_OVER = re.compile(_GAP)
_BRACKETED = re.compile(r"[(\[]\s*([^\s()\[\]<>]+@[^\s()\[\]<>]+)\s*[)\]]")
_AND = r"och|og|samt|and"
_BEFORE = re.compile(rf"^(?:(?:[0-9]{{1,2}}[.)]|[-\u2013\u2014\u2022*\u00b7])\s*|(?:{_AND})\s+)+", re.IGNORECASE)
_AFTER = " :-\u2013\u2014"
_SEVERAL = re.compile(rf"[;|/]|\s(?:{_AND}|&|\+)\s", re.IGNORECASE)
_QUOTES = "\"'\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u00b4`"
_OF_ADDRESSES = frozenset("@<>")


def read_signers(typed: str, first: str = "") -> tuple[SignerName, ...]:
    """The persons in "Name, e-mail" or "Name <e-mail>", a line each or several. `first` is the address of who signs anyhow.

    Raises Invalid, which names the line that does not read.
    """
    signers: list[SignerName] = []
    taken = {first.casefold()}
    for n, line in enumerate(typed.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        for signer in _read(line, n) if not is_blank(line) else ():
            if signer.email.casefold() in taken:
                raise Invalid("port.signers.twice", n=n, email=signer.email)
            taken.add(signer.email.casefold())
            signers.append(signer)
            if len(signers) > MOST_FURTHER:
                raise Invalid("port.signers.many", most=MOST_FURTHER)
    return tuple(signers)


def read_signer_name(typed: str, longest: int = LONGEST_NAME) -> str:
    """The name of one person as it is to stand on a paper: without quotation marks around it, and no address in it."""
    name = read_text(typed, longest=longest)
    if name[0] in _QUOTES and name[-1] in _QUOTES and len(name) > 1:
        name = name[1:-1].strip()
    if not any(char.isalpha() for char in name):
        raise Invalid("text.missing")
    if _OF_ADDRESSES & set(name):
        raise Invalid("name.address")
    if _SEVERAL.search(name):  # whoever is not asked on their own would stand on the paper all the same
        raise Invalid("name.several")
    return name


def _read(line: str, n: int) -> list[SignerName]:
    """What cannot be told apart into names and addresses without a rest is no line of ours."""
    try:
        text, at, found = read_text(line.replace("\t", " "), longest=LONGEST_LINE), 0, list[SignerName]()
        text = _BRACKETED.sub(r"<\1>", text)
        while not _OVER.fullmatch(text, at):
            person = _PERSON.match(text, at)
            if person is None:
                raise Invalid("text.missing")
            at = person.end()
            address = person["angled"] or (person["bare"] or "").rstrip(".:")
            found.append(SignerName(_read_name(person["name"]), read_email(address)))
    except Invalid as invalid:
        if invalid.problem.code in {"text.control", "text.letter"}:  # nobody finds the sign unless it is named
            raise
        raise Invalid("port.signers.line", n=n) from None
    return found


def _read_name(written: str) -> str:
    """The name before an address, without what a list sets around it; two names at a comma are two persons with one address."""
    name = read_signer_name(_BEFORE.sub("", written).rstrip(_AFTER))
    before, _, after = name.partition(",")
    if len(before.split()) > 1 and len(after.split()) > 1:
        raise Invalid("name.several")
    return name


def write_signers(signers: tuple[SignerName, ...]) -> str:
    """The same, as it is stored and shown for editing."""
    return "\n".join(f"{signer.name}, {signer.email}" for signer in signers)
