-- Papers fetched together, papers found by number and day, and the audit trail read by day.

CREATE TABLE export (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked JSONB NOT NULL,
    language TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT export_pk PRIMARY KEY (tenant, id)
);
-- However often the same papers are asked for, one zip is made.
CREATE UNIQUE INDEX export_key_key ON export (tenant, key) WHERE state in ('making', 'ready');
CREATE INDEX export_tenant_asked_at_ix ON export (tenant, asked_at);
alter table export enable row level security;
alter table export force row level security;
create policy export_scope on export for all to skylt_app
    using (tenant = scope_tenant() and scope_company() = '*');
grant select, insert, update, delete on export to skylt_app;

CREATE TABLE export_paper (
    tenant TEXT NOT NULL,
    export TEXT NOT NULL,
    n BIGINT NOT NULL,
    document TEXT NOT NULL,
    standing TEXT NOT NULL,
    verdict TEXT,
    CONSTRAINT export_paper_pk PRIMARY KEY (tenant, export, n),
    CONSTRAINT export_paper_tenant_export_fk FOREIGN KEY(tenant, export) REFERENCES export (tenant, id) ON DELETE CASCADE,
    CONSTRAINT export_paper_tenant_document_fk FOREIGN KEY(tenant, document) REFERENCES document (tenant, id)
);
alter table export_paper enable row level security;
alter table export_paper force row level security;
create policy export_paper_scope on export_paper for all to skylt_app
    using (tenant = scope_tenant() and scope_company() = '*');
grant select, insert, update, delete on export_paper to skylt_app;

CREATE INDEX document_kind_made_ix ON document (tenant, kind, made_at, id);
CREATE INDEX document_made_ix ON document (tenant, made_at, id);
CREATE INDEX audit_tenant_at_seq_ix ON audit (tenant, at, seq);

-- Papers made before are found as those made from now on: by order, own number, and telephone number forwards and backwards.
insert into search_word (tenant, kind, id, word, company)
select d.tenant, 'document', d.id, w.word, d.company
from document d cross join lateral (
    select lower(part) from regexp_split_to_table(d."order" || ' ' || coalesce(d.facts->>'number', ''), '[^[:alnum:]]+') part
    union
    select digits from jsonb_array_elements_text(coalesce(d.facts->'numbers', '[]')) e164,
        lateral (select regexp_replace(e164, '[^0-9]', '', 'g') as digits) as forwards
    union
    select '<' || reverse(regexp_replace(e164, '[^0-9]', '', 'g')) from jsonb_array_elements_text(coalesce(d.facts->'numbers', '[]')) e164
) as w (word)
where w.word <> ''
on conflict do nothing;
