-- Signing: who is asked to sign which version of a power of attorney, how they prove who they are, and what happened.

-- The move of a number as it is now, once it was corrected, and the version of the paper that covers it.
alter table porting add column facts jsonb, add column paper text, add column paper_version bigint,
    add column paper_at timestamptz;
alter table document add constraint document_tenant_company_id_key unique (tenant, company, id);

CREATE TABLE signing_request (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    "order" TEXT NOT NULL,
    number TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    state TEXT NOT NULL,
    in_order BOOLEAN NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sealed TEXT,
    CONSTRAINT signing_request_pk PRIMARY KEY (tenant, id),
    CONSTRAINT signing_request_tenant_company_order_fk FOREIGN KEY(tenant, company, "order") REFERENCES "order" (tenant, company, ref),
    CONSTRAINT signing_request_tenant_company_document_fk FOREIGN KEY(tenant, company, document) REFERENCES document (tenant, company, id),
    CONSTRAINT signing_request_tenant_company_sealed_fk FOREIGN KEY(tenant, company, sealed) REFERENCES document (tenant, company, id),
    CONSTRAINT signing_request_tenant_company_id_key UNIQUE (tenant, company, id),
    CONSTRAINT signing_request_tenant_number_version_key UNIQUE (tenant, number, version)
);
CREATE UNIQUE INDEX signing_request_current_key ON signing_request (tenant, number) WHERE state <> 'replaced';
CREATE INDEX signing_request_tenant_order_ix ON signing_request (tenant, "order");
CREATE INDEX signing_request_waiting_ix ON signing_request (tenant, expires_at) WHERE state = 'waiting';
alter table signing_request enable row level security;
alter table signing_request force row level security;
create policy signing_request_scope on signing_request for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update on signing_request to skylt_app;

CREATE TABLE signer (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    n BIGINT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    link TEXT,
    invited_at TIMESTAMP WITH TIME ZONE,
    reminded BIGINT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    signed_at TIMESTAMP WITH TIME ZONE,
    signed_name TEXT NOT NULL,
    capacity TEXT NOT NULL,
    declarations JSONB NOT NULL,
    method TEXT NOT NULL,
    address TEXT NOT NULL,
    proof JSONB NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT signer_pk PRIMARY KEY (tenant, id),
    CONSTRAINT signer_tenant_company_request_fk FOREIGN KEY(tenant, company, request) REFERENCES signing_request (tenant, company, id),
    CONSTRAINT signer_tenant_company_id_key UNIQUE (tenant, company, id),
    CONSTRAINT signer_tenant_request_n_key UNIQUE (tenant, request, n)
);
CREATE INDEX signer_email_ix ON signer (tenant, lower(email));
CREATE INDEX signer_link_ix ON signer (tenant, link);
alter table signer enable row level security;
alter table signer force row level security;
create policy signer_scope on signer for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update on signer to skylt_app;

CREATE TABLE signing_event (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    request TEXT NOT NULL,
    signer TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    what TEXT NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT signing_event_pk PRIMARY KEY (tenant, id),
    CONSTRAINT signing_event_tenant_company_request_fk FOREIGN KEY(tenant, company, request) REFERENCES signing_request (tenant, company, id),
    CONSTRAINT signing_event_tenant_company_signer_fk FOREIGN KEY(tenant, company, signer) REFERENCES signer (tenant, company, id)
);
CREATE INDEX signing_event_tenant_request_seq_ix ON signing_event (tenant, request, seq);
alter table signing_event enable row level security;
alter table signing_event force row level security;
create policy signing_event_scope on signing_event for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert on signing_event to skylt_app;

CREATE TABLE signing_proof (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    signer TEXT NOT NULL,
    method TEXT NOT NULL,
    state TEXT NOT NULL,
    seat BYTEA NOT NULL,
    name TEXT NOT NULL,
    capacity TEXT NOT NULL,
    declarations JSONB NOT NULL,
    sha256 TEXT NOT NULL,
    address TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tries BIGINT NOT NULL,
    facts JSONB NOT NULL,
    bytes BYTEA,
    CONSTRAINT signing_proof_pk PRIMARY KEY (tenant, id),
    CONSTRAINT signing_proof_tenant_company_signer_fk FOREIGN KEY(tenant, company, signer) REFERENCES signer (tenant, company, id)
);
CREATE UNIQUE INDEX signing_proof_open_key ON signing_proof (tenant, signer) WHERE state in ('open', 'asked');
CREATE INDEX signing_proof_tenant_signer_made_at_ix ON signing_proof (tenant, signer, made_at);
alter table signing_proof enable row level security;
alter table signing_proof force row level security;
create policy signing_proof_scope on signing_proof for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update on signing_proof to skylt_app;

-- Before a signer's page knows its scope: whose link this is, and whose rows it opens.
create function signer_of_link(asked_tenant text, asked_hash bytea, moment timestamptz) returns table (signer text, company text)
language sql stable security definer set search_path = pg_catalog, public as $$
    select t.subject, t.company from public.token t
    where t.tenant = asked_tenant and t.token_hash = asked_hash and t.purpose in ('sign', 'sign_copy')
      and t.subject is not null and t.company is not null and t.used_at is null and t.expires_at > moment
    limit 1
$$;
revoke execute on function signer_of_link from public;
grant execute on function signer_of_link to skylt_app;

-- Over all tenants, read only: which promise about signing is broken for which thing. Numbers as in docs/invariants.md.
create function broken_signings(moment timestamptz) returns table (promise text, tenant text, subject text)
language sql stable security definer set search_path = pg_catalog, public as $$
    -- Sealed if and only if there is a sealed paper of this very version.
    select 'I7', r.tenant, r.id from public.signing_request r
    where r.state <> 'replaced' and (r.state = 'sealed') <> exists (
        select from public.document d
        where d.tenant = r.tenant and d.company = r.company and d."order" = r."order" and d.id = r.sealed
          and d.kind = 'power_of_attorney_signed' and d.subject = r.number and d.version = r.version)
    union all
    select 'I7', d.tenant, d.id from public.document d
    where d.kind = 'power_of_attorney_signed' and not exists (
        select from public.signing_request r where r.tenant = d.tenant and r.sealed = d.id and r.state in ('sealed', 'replaced'))
    union all
    -- Signed if and only if everybody has signed, each told once, each of the bytes that were shown.
    select 'I7', r.tenant, r.id from public.signing_request r
    where r.state <> 'replaced' and (r.state in ('signed', 'sealed')) <> not exists (
        select from public.signer s where s.tenant = r.tenant and s.request = r.id and s.state <> 'signed')
    union all
    select 'I7', s.tenant, s.id from public.signer s
    where (s.state = 'signed')::int <> (
        select count(*) from public.signing_event e where e.tenant = s.tenant and e.signer = s.id and e.what = 'signed')
    union all
    select 'I7', s.tenant, s.id from public.signer s
    join public.signing_request r on r.tenant = s.tenant and r.id = s.request
    join public.document d on d.tenant = r.tenant and d.id = r.document
    where s.state = 'signed' and not exists (
        select from public.signing_proof p where p.tenant = s.tenant and p.signer = s.id and p.state = 'used' and p.sha256 = d.sha256)
    union all
    -- What everybody has signed is sealed, or somebody is at it, or staff see why not.
    select 'I7', r.tenant, r.id from public.signing_request r
    where r.state = 'signed' and r.changed_at < moment - interval '1 hour' and not exists (
        select from public.procrastinate_jobs j
        where j.task_name = 'seal_document' and j.status in ('todo', 'doing', 'failed')
          and j.args->>'tenant' = r.tenant and j.args->>'id' = r.id)
    union all
    -- Nothing goes to the donor on an unsealed paper.
    select 'I7', p.tenant, p.id from public.porting p
    where p.state = 'signed' and not exists (
        select from public.signing_request r join public.document d on d.tenant = r.tenant and d.id = r.document
        where r.tenant = p.tenant and r."order" = p."order" and r.state = 'sealed' and d.facts->'lines' @> to_jsonb(p.line))
    union all
    -- No live link leads to what is over.
    select 'I12', t.tenant, t.id from public.token t
    left join public.signer s on s.tenant = t.tenant and s.id = t.subject
    left join public.signing_request r on r.tenant = s.tenant and r.id = s.request
    where t.purpose = 'sign' and t.used_at is null and t.expires_at > moment
      and (s.id is null or s.link <> t.id or s.state not in ('waiting', 'opened', 'bounced') or r.state <> 'waiting')
    union all
    select 'I12', t.tenant, t.id from public.token t
    left join public.signer s on s.tenant = t.tenant and s.id = t.subject
    left join public.signing_request r on r.tenant = s.tenant and r.id = s.request
    where t.purpose = 'sign_copy' and t.used_at is null and t.expires_at > moment
      and (s.id is null or s.state <> 'signed' or r.state not in ('waiting', 'signed', 'sealed'))
    union all
    select 'I13', r.tenant, r.id from public.signing_request r
    where r.state not in ('waiting', 'signed', 'sealed', 'declined', 'withdrawn', 'expired', 'replaced')
    union all
    select 'I13', s.tenant, s.id from public.signer s
    where s.state not in ('queued', 'waiting', 'opened', 'bounced', 'signed', 'declined', 'not_me')
$$;
revoke execute on function broken_signings from public;
grant execute on function broken_signings to skylt_app;
