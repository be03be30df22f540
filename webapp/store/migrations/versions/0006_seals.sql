-- Seals: what staff must be told of once, and what may be said of a paper to whoever holds it.

CREATE TABLE alarm (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    ref TEXT NOT NULL,
    details JSONB NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    over_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT alarm_pk PRIMARY KEY (tenant, id)
);
-- One at a time: what is known is not told again until it is over.
CREATE UNIQUE INDEX alarm_open_ix ON alarm (tenant, kind, subject) WHERE over_at IS NULL;
alter table alarm enable row level security;
alter table alarm force row level security;
create policy alarm_scope on alarm for all to skylt_app using (tenant = scope_tenant() and scope_company() = '*');
grant select, insert, update on alarm to skylt_app;

CREATE INDEX document_tenant_sha256_ix ON document (tenant, sha256);

-- What whoever holds a paper may know of it, by its printed code or by the digest of its bytes; nothing personal.
-- A signed paper follows the unsigned one of its version, and each version the one before.
drop function document_by_code(text, text);
create function document_shown(asked_tenant text, asked_code text, asked_sha256 text) returns table (
    kind text, title text, language text, version bigint, newest bigint, sha256 text, size bigint, made_at timestamptz,
    verify_code text, sealed_by text, sealed_at timestamptz, level text, was_signed boolean
)
language sql stable security definer set search_path = pg_catalog, public as $$
    select d.kind, d.title, d.language, d.version,
           (select max(n.version) from public.document n
            where n.tenant = d.tenant and n."order" = d."order" and n.subject = d.subject
              and n.kind in (d.base, d.base || '_signed')),
           d.sha256, d.size, d.made_at, d.verify_code,
           coalesce(d.facts->>'sealed_by', ''), (d.facts->>'sealed_at')::timestamptz, coalesce(d.facts->>'level', ''),
           exists (select from public.document n
                   where n.tenant = d.tenant and n."order" = d."order" and n.subject = d.subject
                     and n.kind = d.kind || '_signed' and n.version >= d.version)
    from (select *, regexp_replace(kind, '_signed$', '') as base from public.document) d
    where d.tenant = asked_tenant
      and ((asked_code <> '' and d.verify_code = asked_code) or (asked_sha256 <> '' and d.sha256 = asked_sha256))
    order by d.made_at desc
    limit 1
$$;
revoke execute on function document_shown from public;
grant execute on function document_shown to skylt_app;
