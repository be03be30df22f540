-- The first schema: tables, who may see which row, and the few questions that are answered over all tenants.
--
-- app.tenant and app.company ('*': every company, '': before sign-in) are set for each transaction. After one has ended the
-- setting on a pooled connection is the empty string, not NULL: hence nullif. Without settings nothing is anybody's.

create function scope_tenant() returns text language sql stable as $$
    select nullif(current_setting('app.tenant', true), '')
$$;
create function scope_company() returns text language sql stable as $$
    select nullif(current_setting('app.company', true), '')
$$;
create function at_door() returns boolean language sql stable as $$
    select scope_company() is null
$$;
create function of_scope(company text) returns boolean language sql stable as $$
    select scope_company() = '*' or company = scope_company()
$$;

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    company TEXT,
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    actor TEXT NOT NULL,
    actor_tenant TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    details JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT audit_pk PRIMARY KEY (tenant, id)
);
CREATE TABLE company (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    org_id TEXT NOT NULL,
    size TEXT NOT NULL,
    agreement TEXT,
    street TEXT NOT NULL,
    zip TEXT NOT NULL,
    city TEXT NOT NULL,
    CONSTRAINT company_pk PRIMARY KEY (tenant, id),
    CONSTRAINT company_tenant_org_id_key UNIQUE (tenant, org_id)
);
CREATE TABLE effect (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    message_id TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT effect_pk PRIMARY KEY (tenant, key)
);
CREATE TABLE tenant_revision (
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL,
    content JSONB NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    current BOOLEAN NOT NULL,
    CONSTRAINT tenant_revision_pk PRIMARY KEY (tenant, digest)
);
CREATE TABLE throttle (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    window_start TIMESTAMP WITH TIME ZONE NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT throttle_pk PRIMARY KEY (tenant, key)
);
CREATE TABLE address (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    street TEXT NOT NULL,
    zip TEXT NOT NULL,
    city TEXT NOT NULL,
    CONSTRAINT address_pk PRIMARY KEY (tenant, id),
    CONSTRAINT address_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id)
);
CREATE TABLE draft (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    language TEXT NOT NULL,
    tenant_revision TEXT NOT NULL,
    rev BIGINT NOT NULL,
    lines JSONB NOT NULL,
    reference TEXT NOT NULL,
    price_seen TEXT NOT NULL,
    created_by TEXT NOT NULL,
    touched_by TEXT NOT NULL,
    touched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT draft_pk PRIMARY KEY (tenant, id),
    CONSTRAINT draft_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id),
    CONSTRAINT draft_tenant_company_id_key UNIQUE (tenant, company, id)
);
CREATE TABLE employee (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    initials TEXT,
    title TEXT NOT NULL,
    email TEXT NOT NULL,
    dept TEXT NOT NULL,
    cost_centre TEXT NOT NULL,
    employee_no TEXT NOT NULL,
    CONSTRAINT employee_pk PRIMARY KEY (tenant, id),
    CONSTRAINT employee_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id),
    CONSTRAINT employee_tenant_company_id_key UNIQUE (tenant, company, id)
);
CREATE TABLE person (
    tenant TEXT NOT NULL,
    company TEXT,
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    CONSTRAINT person_pk PRIMARY KEY (tenant, id),
    CONSTRAINT person_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id),
    CONSTRAINT person_tenant_email_key UNIQUE (tenant, email)
);
CREATE TABLE search_word (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    word TEXT NOT NULL,
    CONSTRAINT search_word_pk PRIMARY KEY (tenant, kind, id, word),
    CONSTRAINT search_word_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id)
);
CREATE TABLE sim_card (
    tenant TEXT NOT NULL,
    company TEXT,
    iccid TEXT NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT sim_card_pk PRIMARY KEY (tenant, iccid),
    CONSTRAINT sim_card_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id)
);
CREATE TABLE login_session (
    tenant TEXT NOT NULL,
    company TEXT,
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT login_session_pk PRIMARY KEY (tenant, id),
    CONSTRAINT login_session_tenant_person_fk FOREIGN KEY(tenant, person) REFERENCES person (tenant, id),
    CONSTRAINT login_session_tenant_token_hash_key UNIQUE (tenant, token_hash)
);
CREATE TABLE number (
    tenant TEXT NOT NULL,
    company TEXT,
    e164 TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    held_by TEXT,
    held_since TIMESTAMP WITH TIME ZONE,
    held_until TIMESTAMP WITH TIME ZONE,
    subscription TEXT,
    CONSTRAINT number_pk PRIMARY KEY (tenant, e164),
    CONSTRAINT number_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id),
    CONSTRAINT number_tenant_held_by_fk FOREIGN KEY(tenant, held_by) REFERENCES draft (tenant, id)
);
CREATE TABLE "order" (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    ref TEXT NOT NULL,
    draft TEXT NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    placed_by TEXT NOT NULL,
    language TEXT NOT NULL,
    reference TEXT NOT NULL,
    currency TEXT NOT NULL,
    monthly_net BIGINT NOT NULL,
    once_net BIGINT NOT NULL,
    line_count BIGINT NOT NULL,
    world JSONB NOT NULL,
    CONSTRAINT order_pk PRIMARY KEY (tenant, ref),
    CONSTRAINT order_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id),
    CONSTRAINT order_tenant_company_draft_fk FOREIGN KEY(tenant, company, draft) REFERENCES draft (tenant, company, id),
    CONSTRAINT order_tenant_draft_key UNIQUE (tenant, draft),
    CONSTRAINT order_tenant_company_ref_key UNIQUE (tenant, company, ref)
);
CREATE TABLE token (
    tenant TEXT NOT NULL,
    company TEXT,
    id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    person TEXT,
    subject TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT token_pk PRIMARY KEY (tenant, id),
    CONSTRAINT token_tenant_person_fk FOREIGN KEY(tenant, person) REFERENCES person (tenant, id),
    CONSTRAINT token_tenant_purpose_token_hash_key UNIQUE (tenant, purpose, token_hash)
);
CREATE TABLE document (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    "order" TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    verify_code TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    facts JSONB NOT NULL,
    bytes BYTEA NOT NULL,
    CONSTRAINT document_pk PRIMARY KEY (tenant, id),
    CONSTRAINT document_tenant_company_order_fk FOREIGN KEY(tenant, company, "order") REFERENCES "order" (tenant, company, ref),
    CONSTRAINT document_tenant_order_kind_subject_version_key UNIQUE (tenant, "order", kind, subject, version),
    CONSTRAINT document_tenant_verify_code_key UNIQUE (tenant, verify_code)
);
CREATE TABLE subscription (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    employee TEXT,
    number TEXT,
    kind TEXT NOT NULL,
    plan TEXT NOT NULL,
    state TEXT NOT NULL,
    "order" TEXT,
    line BIGINT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    facts JSONB NOT NULL,
    CONSTRAINT subscription_pk PRIMARY KEY (tenant, id),
    CONSTRAINT subscription_tenant_company_fk FOREIGN KEY(tenant, company) REFERENCES company (tenant, id),
    CONSTRAINT subscription_tenant_company_employee_fk FOREIGN KEY(tenant, company, employee) REFERENCES employee (tenant, company, id),
    CONSTRAINT subscription_tenant_company_order_fk FOREIGN KEY(tenant, company, "order") REFERENCES "order" (tenant, company, ref),
    CONSTRAINT subscription_tenant_company_id_key UNIQUE (tenant, company, id)
);
CREATE TABLE order_line (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    "order" TEXT NOT NULL,
    n BIGINT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    answers JSONB NOT NULL,
    user_name TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    number TEXT,
    subscription TEXT,
    failure TEXT,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT order_line_pk PRIMARY KEY (tenant, "order", n),
    CONSTRAINT order_line_tenant_company_order_fk FOREIGN KEY(tenant, company, "order") REFERENCES "order" (tenant, company, ref),
    CONSTRAINT order_line_tenant_company_subscription_fk FOREIGN KEY(tenant, company, subscription) REFERENCES subscription (tenant, company, id)
);
CREATE TABLE porting (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    "order" TEXT NOT NULL,
    line BIGINT NOT NULL,
    e164 TEXT NOT NULL,
    state TEXT NOT NULL,
    wished_date DATE,
    owner JSONB NOT NULL,
    signer JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT porting_pk PRIMARY KEY (tenant, id),
    CONSTRAINT porting_tenant_order_line_fk FOREIGN KEY(tenant, "order", line) REFERENCES order_line (tenant, "order", n),
    CONSTRAINT porting_tenant_company_order_fk FOREIGN KEY(tenant, company, "order") REFERENCES "order" (tenant, company, ref),
    CONSTRAINT porting_tenant_company_id_key UNIQUE (tenant, company, id)
);
ALTER TABLE number ADD CONSTRAINT number_tenant_company_subscription_fk FOREIGN KEY(tenant, company, subscription) REFERENCES subscription (tenant, company, id);
CREATE INDEX audit_tenant_seq_ix ON audit (tenant, seq);
CREATE INDEX audit_tenant_subject_seq_ix ON audit (tenant, subject, seq);
CREATE UNIQUE INDEX tenant_revision_tenant_ix ON tenant_revision (tenant) WHERE current;
CREATE INDEX address_tenant_company_ix ON address (tenant, company);
CREATE INDEX draft_expires_at_ix ON draft (expires_at) WHERE state <> 'placed';
CREATE INDEX draft_tenant_company_touched_at_ix ON draft (tenant, company, touched_at) WHERE state = 'open';
CREATE UNIQUE INDEX employee_initials_key ON employee (tenant, company, lower(initials));
CREATE INDEX employee_name_ix ON employee (tenant, company, lower(last), lower(first), id);
CREATE INDEX person_tenant_company_ix ON person (tenant, company);
CREATE INDEX search_word_company_ix ON search_word (tenant, company, word text_pattern_ops);
CREATE INDEX search_word_ix ON search_word (tenant, word text_pattern_ops);
CREATE INDEX sim_card_tenant_company_ix ON sim_card (tenant, company);
CREATE INDEX login_session_tenant_person_ix ON login_session (tenant, person);
CREATE INDEX number_company_ix ON number (tenant, company, kind);
CREATE INDEX number_free_ix ON number (tenant, kind, e164) WHERE company is null and state = 'free';
CREATE INDEX number_held_ix ON number (held_until) WHERE state = 'held';
CREATE UNIQUE INDEX number_in_use_key ON number (e164) WHERE state = 'allocated';
CREATE INDEX order_company_placed_ix ON "order" (tenant, company, placed_at, ref);
CREATE INDEX order_placed_ix ON "order" (tenant, placed_at, ref);
CREATE INDEX token_tenant_subject_ix ON token (tenant, subject);
CREATE INDEX subscription_company_ix ON subscription (tenant, company, created_at, id);
CREATE UNIQUE INDEX subscription_line_key ON subscription (tenant, "order", line);
CREATE INDEX order_line_state_ix ON order_line (tenant, state);
CREATE INDEX porting_company_ix ON porting (tenant, company, wished_date);
CREATE INDEX porting_line_ix ON porting (tenant, "order", line);
CREATE UNIQUE INDEX porting_open_key ON porting (e164) WHERE state not in ('completed', 'cancelled', 'declined');

-- Who may see and write which row: the tenant's own, and the company's own where one owns it.
alter table address enable row level security;
alter table address force row level security;
create policy address_scope on address for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on address to skylt_app;
alter table audit enable row level security;
alter table audit force row level security;
create policy audit_scope_select on audit for select to skylt_app using (tenant = scope_tenant() and of_scope(company));
create policy audit_scope_insert on audit for insert to skylt_app with check (tenant = scope_tenant() and (of_scope(company) or (at_door() and company is null)));
grant select, insert on audit to skylt_app;
alter table company enable row level security;
alter table company force row level security;
create policy company_scope on company for all to skylt_app using (tenant = scope_tenant() and of_scope(id));
grant select, insert, update, delete on company to skylt_app;
alter table document enable row level security;
alter table document force row level security;
create policy document_scope on document for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert on document to skylt_app;
alter table draft enable row level security;
alter table draft force row level security;
create policy draft_scope on draft for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on draft to skylt_app;
alter table effect enable row level security;
alter table effect force row level security;
create policy effect_scope on effect for all to skylt_app using (tenant = scope_tenant() and scope_company() = '*');
grant select, insert, update, delete on effect to skylt_app;
alter table employee enable row level security;
alter table employee force row level security;
create policy employee_scope on employee for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on employee to skylt_app;
alter table login_session enable row level security;
alter table login_session force row level security;
create policy login_session_scope on login_session for all to skylt_app using (tenant = scope_tenant() and (of_scope(company) or at_door()));
grant select, insert, update, delete on login_session to skylt_app;
alter table number enable row level security;
alter table number force row level security;
create policy number_scope on number for all to skylt_app using (tenant = scope_tenant() and (of_scope(company) or (company is null and not at_door())));
grant select, insert, update, delete on number to skylt_app;
alter table "order" enable row level security;
alter table "order" force row level security;
create policy order_scope on "order" for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert on "order" to skylt_app;
alter table order_line enable row level security;
alter table order_line force row level security;
create policy order_line_scope on order_line for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on order_line to skylt_app;
alter table person enable row level security;
alter table person force row level security;
create policy person_scope on person for all to skylt_app using (tenant = scope_tenant() and (of_scope(company) or at_door()));
grant select, insert, update, delete on person to skylt_app;
alter table porting enable row level security;
alter table porting force row level security;
create policy porting_scope on porting for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on porting to skylt_app;
alter table search_word enable row level security;
alter table search_word force row level security;
create policy search_word_scope on search_word for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on search_word to skylt_app;
alter table sim_card enable row level security;
alter table sim_card force row level security;
create policy sim_card_scope on sim_card for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on sim_card to skylt_app;
alter table subscription enable row level security;
alter table subscription force row level security;
create policy subscription_scope on subscription for all to skylt_app using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update, delete on subscription to skylt_app;
alter table tenant_revision enable row level security;
alter table tenant_revision force row level security;
create policy tenant_revision_scope on tenant_revision for all to skylt_app using (tenant = scope_tenant() and not at_door());
grant select, insert, update, delete on tenant_revision to skylt_app;
alter table throttle enable row level security;
alter table throttle force row level security;
create policy throttle_scope on throttle for all to skylt_app using (tenant = scope_tenant());
grant select, insert, update, delete on throttle to skylt_app;
alter table token enable row level security;
alter table token force row level security;
create policy token_scope on token for all to skylt_app using (tenant = scope_tenant() and (of_scope(company) or at_door()));
grant select, insert, update, delete on token to skylt_app;

-- Questions over all tenants. They run as the owner, who passes row-level security, so each tells as little as it can.

-- Whether nobody in the installation uses or holds the number.
create function number_is_free(asked text) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select not exists (
        select from public.number where e164 = asked and state in ('held', 'reserved', 'allocated', 'quarantine')
    )
$$;

-- Whether somebody in the installation is moving the number already.
create function port_is_open(asked text) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select exists (
        select from public.porting
        where e164 = asked and state not in ('completed', 'cancelled', 'declined')
    )
$$;

-- Whether a SIM card is in use anywhere.
create function iccid_is_used(asked text) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select exists (select from public.sim_card where iccid = asked and state = 'used')
$$;

-- Every request begins with this: the person and company behind a session, in one round trip.
create function session_of(asked_tenant text, asked_hash bytea) returns table (
    session text, created_at timestamptz, last_seen timestamptz,
    person text, email text, name text, role text, language text,
    company text, company_name text, org_id text, size text, agreement text, street text, zip text, city text
)
language sql stable security definer set search_path = pg_catalog, public as $$
    select s.id, s.created_at, s.last_seen, p.id, p.email, p.name, p.role, p.language,
           c.id, c.name, c.org_id, c.size, c.agreement, c.street, c.zip, c.city
    from public.login_session s
    join public.person p on p.tenant = s.tenant and p.id = s.person
    left join public.company c on c.tenant = p.tenant and c.id = p.company
    where s.tenant = asked_tenant and s.token_hash = asked_hash and s.revoked_at is null and p.active
$$;

-- What the verify page may tell whoever holds a paper's code: nothing personal.
create function document_by_code(asked_tenant text, asked_code text) returns table (
    kind text, title text, language text, version bigint, newest bigint, sha256 text, size bigint, made_at timestamptz
)
language sql stable security definer set search_path = pg_catalog, public as $$
    select d.kind, d.title, d.language, d.version,
           (select max(n.version) from public.document n
            where n.tenant = d.tenant and n."order" = d."order" and n.kind = d.kind and n.subject = d.subject),
           d.sha256, d.size, d.made_at
    from public.document d
    where d.tenant = asked_tenant and d.verify_code = asked_code
$$;

-- Which tenants there are, for periodic jobs and start-up.
create function tenant_list() returns table (tenant text, digest text)
language sql stable security definer set search_path = pg_catalog, public as $$
    select tenant, digest from public.tenant_revision where current order by tenant
$$;

revoke execute on function number_is_free, port_is_open, iccid_is_used, session_of, document_by_code, tenant_list from public;
grant execute on function number_is_free, port_is_open, iccid_is_used, session_of, document_by_code, tenant_list to skylt_app;
