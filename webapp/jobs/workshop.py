"""What every job handler works with, put together once by the worker; holds no state of a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webapp.domain.paper import Paper
from webapp.domain.tenant import Tenant
from webapp.gateways.mail import Server
from webapp.store.work import Store


@dataclass(frozen=True)
class Workshop:
    """The database, the secret from which codes and links are derived, the press, and where mail is handed over."""

    store: Store
    secret: str
    draw: Callable[[Paper, Tenant], tuple[bytes, str]]
    mail_server: Server
