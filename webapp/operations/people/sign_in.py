"""Signing in and out, lost passwords, and what a person may set about their own account; knows no cookie and sends no mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import math
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.numbers import read_email
from webapp.domain.people import Person
from webapp.domain.problem import Invalid
from webapp.operations.people import passwords
from webapp.store.people.accounts import Account, Login
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.unit_of_work import Store, Work

SESSION_LIFE = timedelta(hours=12)
RESET_LIFE = timedelta(hours=1)
RESET = "reset"
MAIL_RESET = "mail_reset"
_SEEN_EVERY = timedelta(minutes=5)


class WrongPassword(Exception):
    """The address and the password do not belong together; it is not told which is wrong."""


class Deactivated(Exception):
    """The account is right, and closed: told to nobody but who has shown that it is theirs."""


class TooOften(Exception):
    """Too many attempts; `seconds` until the next is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts in `window`."""

    most: int
    window: timedelta


_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)
# Failures of signing in. What anybody can use up for others shuts nobody out: many failures with one account, wherever
# they come from, leave each address fewer tries of it; many at one tenant are looked at one after the other.
_OF_BOTH, _OF_BOTH_IN_DOUBT = 10, 3  # with one account from one address
_OF_ADDRESS, _OF_ACCOUNT, _OF_ALL = 100, 50, 2000
_RESETS_OF_BOTH, _RESETS_OF_ADDRESS, _RESETS_OF_ACCOUNT = 30, 150, 60


@dataclass(frozen=True)
class _Keys:
    """What the throttle counts by: an account's key by hash (it is personal), an address's by network."""

    both: str
    address: str
    account: str
    all: str

    @property
    def every(self) -> tuple[str, ...]:
        """In the order in which they are held, the same for everybody."""
        return (self.both, self.address, self.account, self.all)


@dataclass(frozen=True)
class Device:
    """A live session of a person, as they see it."""

    id: str
    created_at: datetime
    last_seen: datetime
    is_this: bool


@dataclass(frozen=True)
class Reset:
    """What a mail about a lost password needs."""

    email: str
    name: str
    language: str
    token: str
    expires_at: datetime


class Authentication:
    """One tenant's entrance: what can be done by somebody who has not signed in yet."""

    def __init__(self, store: Store, secret: str, tenant: str, now: datetime) -> None:
        self._store, self._secret, self._tenant, self._now = store, secret, tenant, now

    def sign_in(self, email: str, password: str, address: str) -> tuple[Person, str]:
        """The person and a new session's token; raises WrongPassword, Deactivated, TooOften or passwords.Crowded."""
        keys = _keys("sign-in", email, address)
        account, is_slow = self._try(keys, _address(email))
        # No transaction is open while the hash is computed.
        try:
            right = passwords.matches(password, account.password_hash if account else None, is_slow=is_slow)
        except passwords.Crowded:
            with self._at_door() as work:
                self._uncount(work, keys)  # nothing has been tried
            raise
        if account is None or not right:
            raise WrongPassword
        if not account.active:
            raise Deactivated
        fresh = passwords.hashed(password) if passwords.is_outdated(account.password_hash) else None
        token = secrets.token_urlsafe(32)
        with self._at_door(account.id) as work:
            self._uncount(work, keys)
            work.throttle.forget(keys.both)
            if fresh:
                work.people.set_password(account.id, fresh)
            work.sessions.open(account, hash_of(token), self._now)
            work.audit.write("person.signed_in", account.id, now=self._now)
        return _person(account), token

    def _try(self, keys: _Keys, email: str | None) -> tuple[Account | None, bool]:
        """The account, and whether the password has to wait its turn. Counted before it is looked at, so that many at
        once are as many. Raises TooOften, and then it counts for this account from this address only."""
        with self._at_door() as work:
            is_doubted = work.throttle.count(keys.account, window=_QUARTER, now=self._now) >= _OF_ACCOUNT
            limits = ((keys.both, _OF_BOTH_IN_DOUBT if is_doubted else _OF_BOTH), (keys.address, _OF_ADDRESS))
            for key, most in limits:
                if work.throttle.hit(key, window=_QUARTER, now=self._now) > most:
                    refused = _too_often(work.throttle.ends(key, window=_QUARTER, now=self._now), self._now)
                    break
            else:
                work.throttle.hit(keys.account, window=_QUARTER, now=self._now)
                is_slow = work.throttle.hit(keys.all, window=_QUARTER, now=self._now) > _OF_ALL
                return work.people.by_email(email) if email else None, is_slow
        raise refused

    def _uncount(self, work: Work, keys: _Keys) -> None:
        """A try that was right, or never looked at, is none."""
        for key in keys.every:
            work.throttle.give_back(key)

    def sign_out(self, token: str) -> None:
        """Ends the session of this token, whoever's it is."""
        found = self._store.person_by_session(self._tenant, hash_of(token))
        if found:
            with self._at_door(found.person.id) as work:
                work.sessions.revoke(found.session, self._now)
                work.audit.write("person.signed_out", found.person.id, now=self._now)

    def ask_reset(self, email: str, address: str) -> None:
        """Has a link mailed to the account of this address. For an unknown one the same is done, but for the mail."""
        keys = _keys("reset", email, address)
        with self._at_door() as work:
            for key, most in ((keys.both, _RESETS_OF_BOTH), (keys.address, _RESETS_OF_ADDRESS)):
                if work.throttle.hit(key, window=_HOUR, now=self._now) > most:
                    raise _too_often(work.throttle.ends(key, window=_HOUR, now=self._now), self._now)
            if work.throttle.hit(keys.account, window=_HOUR, now=self._now) > _RESETS_OF_ACCOUNT:
                return  # from many addresses: the link that was mailed last still holds
            account = work.people.by_email(known) if (known := _address(email)) else None
            person = account.id if account and account.active else None
            if person:
                work.tokens.void(RESET, self._now, person=person)
            token_id = new_id()
            token = reset_token(self._secret, self._tenant, token_id)
            until = self._now + RESET_LIFE
            work.tokens.issue(RESET, hash_of(token), now=self._now, expires_at=until, person=person, id=token_id)
            work.jobs.defer(MAIL_RESET, token_id)

    def may_reset(self, token: str) -> bool:
        """Whether the mailed link still leads to a new password; looking does not use it up. Raises Deactivated."""
        with self._at_door() as work:
            found = work.tokens.live(RESET, hash_of(token), self._now)
            if found and found.person:
                _need_active(work, found.person)
            return bool(found and found.person)

    def reset(self, token: str, password: str) -> bool:
        """Sets the password and ends every session; False when the link is dead.

        Raises Invalid for a poor password, Deactivated.
        """
        if len(password) < passwords.SHORTEST:
            raise Invalid("password.short", least=passwords.SHORTEST)
        if len(password) > passwords.LONGEST:
            raise Invalid("text.long", most=passwords.LONGEST)
        if not self.may_reset(token):
            return False
        stored = passwords.hashed(password)
        with self._at_door() as work:
            found = work.tokens.live(RESET, hash_of(token), self._now)
            if not found or not found.person:
                return False
            _need_active(work, found.person)
            if not work.tokens.use(found, self._now):
                return False
            work.people.set_password(found.person, stored)
            work.sessions.revoke_all(found.person, self._now)
            if account := work.people.get(found.person):
                work.throttle.forget_with(_account_key("sign-in", account.email))
            work.audit.write("person.password_reset", found.person, now=self._now)
            return True

    @contextmanager
    def _at_door(self, actor: str = "") -> Iterator[Work]:
        with self._store.work(Scope(self._tenant, None, actor, at_door=True)) as work:
            yield work


def _need_active(work: Work, person: str) -> None:
    account = work.people.get(person)
    if account is not None and not account.active:
        raise Deactivated


def hash_of(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def reset_token(secret: str, tenant: str, token_id: str) -> str:
    """The secret of a reset link, made from its row's id: the job that mails it makes it again, so it is stored nowhere."""
    made = hmac.digest(secret.encode(), f"reset:{tenant}:{token_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def reset_mail(work: Work, secret: str, token_id: str, now: datetime) -> Reset | None:
    """For the job `mail_reset`: whom to write and the link's token; None when there is nobody to write or it is too late."""
    row = work.tokens.get(token_id)
    if row is None or row.person is None or row.expires_at <= now:
        return None
    token = reset_token(secret, work.scope.tenant, token_id)
    account = work.people.get(row.person)
    if account is None or not account.active or work.tokens.live(RESET, hash_of(token), now) is None:
        return None
    return Reset(account.email, account.name, account.language, token, row.expires_at)


def person_of(store: Store, tenant: str, token_hash: bytes, now: datetime) -> tuple[Person, str] | None:
    """Who is signed in with this token, and the session's id; None when it has ended."""
    found = store.person_by_session(tenant, token_hash)
    if found is None or found.created_at + SESSION_LIFE <= now:
        return None
    if found.last_seen + _SEEN_EVERY <= now:
        with store.work(Scope(tenant, None, found.person.id, at_door=True)) as work:
            work.sessions.touch(found.session, now)
    return found.person, found.session


def choose_language(work: Work, person: Person, language: str) -> None:
    """The language the person's pages and mails come in."""
    work.people.set_language(person.id, language)


def devices(work: Work, person: Person, this: str, now: datetime) -> tuple[Device, ...]:
    """Where the person is signed in, this place first."""
    logins: list[Login] = work.sessions.live(person.id, now - SESSION_LIFE)
    found = [Device(each.id, each.created_at, each.last_seen, each.id == this) for each in logins]
    return tuple(sorted(found, key=lambda device: not device.is_this))


def sign_out_device(work: Work, person: Person, session: str, now: datetime) -> bool:
    """Ends one of the person's own sessions; False when there is no such session."""
    if session not in {each.id for each in work.sessions.live(person.id, now - SESSION_LIFE)}:
        return False
    return work.sessions.revoke(session, now)


def sign_out_others(work: Work, person: Person, this: str, now: datetime) -> None:
    """Ends every session of the person but this one."""
    work.sessions.revoke_all(person.id, now, but=this)


def _keys(what: str, email: str, address: str) -> _Keys:
    account, network = _account_key(what, email), network_of(address)
    return _Keys(f"{account}@{network}", f"{what}:from:{network}", account, f"{what}:all")


def _account_key(what: str, email: str) -> str:
    known = _address(email) or email.strip().lower()  # however it is written, it is one account
    return f"{what}:account:{hashlib.sha256(known.encode(errors='replace')).hexdigest()[:32]}"


def _too_often(until: datetime, now: datetime) -> TooOften:
    return TooOften(max(1, math.ceil((until - now).total_seconds())))


def network_of(address: str) -> str:
    """An IPv6 customer has a whole /64 to come from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _address(email: str) -> str | None:
    try:
        return read_email(email).lower()
    except Invalid:
        return None


def _person(account: Account) -> Person:
    return Person(account.id, account.name, account.email, account.role, account.language)
