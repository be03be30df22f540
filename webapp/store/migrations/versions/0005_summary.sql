-- Contract summaries as papers before there is an order: asked for on review, made by a job, kept with the draft.

CREATE TABLE contract_summary (
    tenant TEXT NOT NULL,
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    draft TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    facts JSONB NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE,
    file_name TEXT,
    bytes BYTEA,
    CONSTRAINT contract_summary_pk PRIMARY KEY (tenant, id),
    CONSTRAINT contract_summary_tenant_draft_fingerprint_key UNIQUE (tenant, draft, fingerprint),
    CONSTRAINT contract_summary_tenant_company_draft_fk FOREIGN KEY(tenant, company, draft)
        REFERENCES draft (tenant, company, id) ON DELETE CASCADE
);
alter table contract_summary enable row level security;
alter table contract_summary force row level security;
create policy contract_summary_scope on contract_summary for all to skylt_app
    using (tenant = scope_tenant() and of_scope(company));
grant select, insert, update on contract_summary to skylt_app;
