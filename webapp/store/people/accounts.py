"""User accounts, their login sessions, mailed tokens and the throttle; hashes come in ready-made, secrets never do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from webapp.store.platform.alphabet import in_alphabet
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import LoginSessionRow, PersonRow, ThrottleRow, TokenRow, new_id


@dataclass(frozen=True)
class Account:
    """What signing in needs to know of somebody. Staff have no company."""

    id: str
    email: str
    name: str
    role: str
    language: str
    company: str | None
    password_hash: str
    active: bool


_ACCOUNT = (
    PersonRow.id,
    PersonRow.email,
    PersonRow.name,
    PersonRow.role,
    PersonRow.language,
    PersonRow.company,
    PersonRow.password_hash,
    PersonRow.active,
)


class People(Repository):
    """User accounts of the scope."""

    def get(self, person: str) -> Account | None:
        """The account of that id."""
        row = self.session.execute(select(*_ACCOUNT).where(PersonRow.id == person)).one_or_none()
        return Account(*row) if row else None

    def by_email(self, email: str) -> Account | None:
        """The account that signs in with this address, in whatever case it is typed."""
        row = self.session.execute(select(*_ACCOUNT).where(PersonRow.email == email.lower())).one_or_none()
        return Account(*row) if row else None

    def listing(self) -> list[Account]:
        """All accounts of the scope by name."""
        rows = self.session.execute(select(*_ACCOUNT).order_by(in_alphabet(PersonRow.name, ""), PersonRow.id))
        return [Account(*row) for row in rows]

    def add(
        self,
        *,
        email: str,
        name: str,
        role: str,
        language: str,
        password_hash: str,
        company: str | None = None,
        id: str | None = None,
    ) -> str:
        """A new account; its id. `company` None makes staff."""
        row = PersonRow(
            tenant=self.scope.tenant,
            id=id or new_id(),
            company=company or self.scope.company,
            email=email.lower(),
            name=name,
            role=role,
            language=language,
            password_hash=password_hash,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def set_password(self, person: str, password_hash: str) -> bool:
        """A new password's hash. Revoke the sessions in the same work."""
        return self.change(PersonRow, PersonRow.id == person, password_hash=password_hash)

    def set_language(self, person: str, language: str) -> bool:
        """The language its pages and mails come in."""
        return self.change(PersonRow, PersonRow.id == person, language=language)

    def set_role(self, person: str, role: str) -> bool:
        """What it may do."""
        return self.change(PersonRow, PersonRow.id == person, role=role)

    def set_active(self, person: str, active: bool) -> bool:
        """Whether it may sign in at all; an inactive account's sessions stop at once."""
        return self.change(PersonRow, PersonRow.id == person, active=active)


@dataclass(frozen=True)
class Login:
    """A login session."""

    id: str
    created_at: datetime
    last_seen: datetime


class Sessions(Repository):
    """Login sessions. They are read by Store.person_by_session, in one round trip."""

    def open(self, account: Account, token_hash: bytes, now: datetime) -> str:
        """A new session for somebody who has just proved who they are; its id."""
        row = LoginSessionRow(
            tenant=self.scope.tenant,
            id=new_id(),
            company=account.company,
            person=account.id,
            token_hash=token_hash,
            created_at=now,
            last_seen=now,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def touch(self, session: str, now: datetime) -> bool:
        """Seen just now."""
        return self.change(LoginSessionRow, LoginSessionRow.id == session, last_seen=now)

    def live(self, person: str, since: datetime) -> list[Login]:
        """A person's sessions that were begun after `since` and not ended, the one used last first."""
        row = LoginSessionRow
        begun = (row.person == person, row.revoked_at.is_(None), row.created_at > since)
        found = select(row.id, row.created_at, row.last_seen).where(*begun).order_by(row.last_seen.desc(), row.id)
        return [Login(*each) for each in self.session.execute(found)]

    def revoke(self, session: str, now: datetime) -> bool:
        """Ended; False when it had ended before."""
        row = LoginSessionRow
        return self.change(row, row.id == session, row.revoked_at.is_(None), revoked_at=now)

    def revoke_all(self, person: str, now: datetime, *, but: str | None = None) -> None:
        """End every session of a person, if wanted but one."""
        statement = update(LoginSessionRow).where(
            LoginSessionRow.person == person, LoginSessionRow.revoked_at.is_(None), LoginSessionRow.id != (but or "")
        )
        self.session.execute(statement.values(revoked_at=now), execution_options={"synchronize_session": False})


@dataclass(frozen=True)
class Token:
    """What a mailed secret opens."""

    id: str
    purpose: str
    person: str | None
    subject: str | None
    company: str | None
    expires_at: datetime


_TOKEN = (TokenRow.id, TokenRow.purpose, TokenRow.person, TokenRow.subject, TokenRow.company, TokenRow.expires_at)


class Tokens(Repository):
    """Single-use secrets that were mailed, known by their hash."""

    def issue(
        self,
        purpose: str,
        token_hash: bytes,
        *,
        now: datetime,
        expires_at: datetime,
        person: str | None = None,
        subject: str | None = None,
        company: str | None = None,
        id: str | None = None,
    ) -> str:
        """A new token; its id. A secret that is derived from the id needs to name it beforehand."""
        row = TokenRow(
            tenant=self.scope.tenant,
            id=id or new_id(),
            company=company or self.scope.company,
            purpose=purpose,
            token_hash=token_hash,
            person=person,
            subject=subject,
            created_at=now,
            expires_at=expires_at,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def get(self, id: str) -> Token | None:
        """The token of that id, used up or not."""
        row = self.session.execute(select(*_TOKEN).where(TokenRow.id == id)).one_or_none()
        return Token(*row) if row else None

    def live(self, purpose: str, token_hash: bytes, now: datetime) -> Token | None:
        """The token if it may still be used; looking does not use it."""
        row = self.session.execute(
            select(*_TOKEN).where(
                TokenRow.purpose == purpose,
                TokenRow.token_hash == token_hash,
                TokenRow.used_at.is_(None),
                TokenRow.expires_at > now,
            )
        ).one_or_none()
        return Token(*row) if row else None

    def is_known(self, purpose: str, token_hash: bytes) -> bool:
        """Whether there was such a secret, alive or not."""
        found = select(TokenRow.id).where(TokenRow.purpose == purpose, TokenRow.token_hash == token_hash)
        return self.session.scalar(found) is not None

    def pass_on(self, purpose: str, to: str, *, subject: str, now: datetime, expires_at: datetime) -> None:
        """The live secret of a subject opens something else as well from now on."""
        live = TokenRow.used_at.is_(None), TokenRow.expires_at > now
        for row in self.session.execute(
            select(TokenRow.token_hash, TokenRow.company).where(
                TokenRow.purpose == purpose, TokenRow.subject == subject, *live
            )
        ).all():
            self.issue(to, row.token_hash, now=now, expires_at=expires_at, subject=subject, company=row.company)

    def use(self, token: Token, now: datetime) -> bool:
        """Used up; False when somebody else was quicker or it has expired."""
        unused = (TokenRow.used_at.is_(None), TokenRow.expires_at > now)
        return self.change(TokenRow, TokenRow.id == token.id, *unused, used_at=now)

    def void(self, purpose: str, now: datetime, *, person: str | None = None, subject: str | None = None) -> None:
        """Make all live tokens of a person or subject useless, as before issuing the next."""
        whose = TokenRow.person == person if person else TokenRow.subject == subject
        statement = update(TokenRow).where(TokenRow.purpose == purpose, whose, TokenRow.used_at.is_(None))
        self.session.execute(statement.values(used_at=now), execution_options={"synchronize_session": False})


class Throttle(Repository):
    """Counts attempts."""

    def hit(self, key: str, *, window: timedelta, now: datetime) -> int:
        """How many attempts this key has made in its window, with this one. Commit it even when the attempt fails."""
        count = raw(
            self.session,
            "insert into throttle as t (tenant, key, window_start, count) values (:tenant, :key, :now, 1)"
            " on conflict (tenant, key) do update set"
            " count = case when t.window_start > :since then t.count + 1 else 1 end,"
            " window_start = case when t.window_start > :since then t.window_start else :now end returning count",
            {"key": key, "now": now, "since": now - window},
        ).scalar_one()
        return int(count)

    def free_at(self, key: str, *, most: int, window: timedelta, now: datetime) -> datetime | None:
        """When a key that has used up its `most` attempts may try again; None when it may now."""
        row = ThrottleRow
        full = select(row.window_start).where(row.key == key, row.count >= most, row.window_start > now - window)
        start = self.session.scalar(full)
        return start + window if start else None

    def count(self, key: str, *, window: timedelta, now: datetime) -> int:
        """How many attempts it has made in its window, and none more."""
        row = ThrottleRow
        return int(self.session.scalar(select(row.count).where(row.key == key, row.window_start > now - window)) or 0)

    def ends(self, key: str, *, window: timedelta, now: datetime) -> datetime:
        """When its window ends; now, when it has none."""
        start = self.session.scalar(select(ThrottleRow.window_start).where(ThrottleRow.key == key))
        return max(now, start + window) if start else now

    def give_back(self, key: str) -> None:
        """One attempt was none."""
        statement = "update throttle set count = count - 1 where tenant = :tenant and key = :key and count > 0"
        raw(self.session, statement, {"key": key})

    def forget_with(self, key: str) -> None:
        """Start anew, with every key that is this one and an "@" and more."""
        statement = "delete from throttle where tenant = :tenant and (key = :key or starts_with(key, :key || '@'))"
        raw(self.session, statement, {"key": key})

    def forget(self, key: str) -> None:
        """Start anew, as after a right password."""
        raw(self.session, "delete from throttle where tenant = :tenant and key = :key", {"key": key})
