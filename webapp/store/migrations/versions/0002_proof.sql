-- What proves that all is well: the links that chain the audit trail, and one question that finds what is not well.

-- Which transaction wrote a row: the trail is chained up to those that are over.
alter table audit add column xid xid8 not null default pg_current_xact_id();

CREATE TABLE audit_link (
    tenant TEXT NOT NULL,
    n BIGINT NOT NULL,
    row TEXT NOT NULL,
    hash BYTEA NOT NULL,
    seal BYTEA,
    CONSTRAINT audit_link_pk PRIMARY KEY (tenant, n),
    CONSTRAINT audit_link_tenant_row_key UNIQUE (tenant, row),
    CONSTRAINT audit_link_tenant_row_fk FOREIGN KEY(tenant, row) REFERENCES audit (tenant, id)
);
alter table audit_link enable row level security;
alter table audit_link force row level security;
create policy audit_link_scope on audit_link for all to skylt_app
    using (tenant = scope_tenant() and scope_company() = '*');
grant select, insert on audit_link to skylt_app;

-- Over all tenants, read only: which promise is broken for which thing. Numbers as in docs/invariants.md.
create function broken_invariants(moment timestamptz) returns table (promise text, tenant text, subject text)
language sql stable security definer set search_path = pg_catalog, public as $$
    select 'I1', min(tenant), e164 from public.number where state = 'allocated' group by e164 having count(*) > 1
    union all
    select 'I2', l.tenant, l."order" || '/' || l.n from public.order_line l
    where l.answers->>'number_source' in ('new', 'reserved', 'specific') and l.state <> 'cancelled'
      and not exists (
        select from public.number n where n.tenant = l.tenant and n.company = l.company and n.e164 = l.number
          and n.state = 'allocated' and n.subscription = l.subscription
      )
    union all
    select 'I3', min(tenant), e164 from public.porting
    where state not in ('completed', 'cancelled', 'declined') group by e164 having count(*) > 1
    union all
    select 'I4', o.tenant, o.ref from public."order" o
    where not (o.monthly_net, o.once_net) = (
        select coalesce(sum((r->>4)::bigint * (r->>5)::bigint) filter (where r->>3 = 'month'), 0)::bigint,
               coalesce(sum((r->>4)::bigint * (r->>5)::bigint) filter (where r->>3 = 'once'), 0)::bigint
        from jsonb_array_elements(o.world->'quote'->'rows') r
    ) or o.line_count <> (select count(*) from public.order_line l where l.tenant = o.tenant and l."order" = o.ref)
    union all
    select 'I5', o.tenant, o.ref from public."order" o
    where o.placed_at < moment - interval '1 hour'
      and not exists (select from public.document d where d.tenant = o.tenant and d."order" = o.ref)
      and not exists (
        select from public.procrastinate_jobs j
        where j.status in ('todo', 'doing') and j.args->>'tenant' = o.tenant and j.args->>'id' like o.ref || '%'
      )
    union all
    select 'I6', tenant, id from public.document
    where sha256 <> encode(sha256(bytes), 'hex') or size <> length(bytes)
    union all
    select 'I8', '', conname::text from pg_constraint c
    where contype = 'f' and connamespace = 'public'::regnamespace
      and exists (select from pg_attribute a where a.attrelid = c.conrelid and a.attname = 'tenant')
      and (select a.attname from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[1]) <> 'tenant'
    union all
    select 'I10', tenant, e164 from public.number where state = 'held' and held_until < moment - interval '10 minutes'
    union all
    select 'I11', j.args->>'tenant', j.id::text from public.procrastinate_jobs j
    left join public.procrastinate_workers w on w.id = j.worker_id
    where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - interval '90 seconds')
    union all
    select 'I12', t.tenant, t.id from public.token t
    join public.porting p on p.tenant = t.tenant and p.id = t.subject
    where t.used_at is null and t.expires_at > moment and p.state in ('completed', 'cancelled', 'declined')
    union all
    select 'I13', tenant, e164 from public.number
    where state not in ('free', 'held', 'reserved', 'allocated', 'quarantine')
       or (state = 'held') <> (held_by is not null) or (state = 'allocated' and company is null)
    union all
    select 'I13', tenant, "order" || '/' || n from public.order_line
    where state not in ('placed', 'waiting_signature', 'ready', 'handed_over', 'active', 'failed', 'cancelled')
    union all
    select 'I13', d.tenant, d.id from public.draft d
    where state not in ('open', 'placed', 'discarded')
       or (state = 'placed') <> exists (select from public."order" o where o.tenant = d.tenant and o.draft = d.id)
$$;
revoke execute on function broken_invariants from public;
grant execute on function broken_invariants to skylt_app;
