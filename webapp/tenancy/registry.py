"""The tenants being served, by host and by slug; exchanged whole, so that a reader never meets half a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from webapp.domain.tenants.tenant import Tenant


class Registry:
    """Who is serving. Reading needs no lock: `publish` puts new tables in place of the old in one step."""

    def __init__(self, tenants: Iterable[Tenant] = ()) -> None:
        self._tables: tuple[dict[str, Tenant], dict[str, Tenant]] = ({}, {})
        self.publish(tenants)

    def publish(self, tenants: Iterable[Tenant]) -> None:
        """From now on these tenants are served, and no others.

        A host that two claim (one of them from its last good revision) leads to the same one as in the check of folders:
        operators before resellers, then the alphabet. A reseller can never take an operator's host.
        """
        by_slug = {tenant.slug: tenant for tenant in tenants}
        by_host: dict[str, Tenant] = {}
        for tenant in sorted(by_slug.values(), key=lambda tenant: (tenant.parent is not None, tenant.slug)):
            for host in tenant.hosts:
                by_host.setdefault(host, tenant)
        self._tables = (by_host, by_slug)

    def by_host(self, host: str) -> Tenant | None:
        """The tenant that a host name (lower case, without port) leads to."""
        return self._tables[0].get(host)

    def by_slug(self, slug: str) -> Tenant | None:
        """The tenant of that folder name."""
        return self._tables[1].get(slug)

    def __iter__(self) -> Iterator[Tenant]:
        return iter(self._tables[1].values())

    def __len__(self) -> int:
        return len(self._tables[1])
