-- The lines of a draft, one row each, with what the draft's other lines and its price must know of them. What is derived
-- says by its basis what it was derived from; an empty one is derived anew by whoever reads it.
create table draft_line (
    tenant text not null,
    company text not null,
    draft text not null,
    n bigint not null,
    answers jsonb not null,
    resets jsonb not null,
    touched jsonb not null,
    confirmed jsonb not null,
    removed boolean not null,
    action text not null,
    subject text,
    basis text not null default '',
    name text not null default '',
    missing bigint not null default 0,
    is_complete boolean not null default false,
    digest text not null default '',
    monthly bigint not null default 0,
    once bigint not null default 0,
    minimum bigint not null default 0,
    months bigint not null default 0,
    parcels bigint not null default 0,
    is_bound boolean not null default false,
    is_agreed boolean not null default false,
    is_awaiting boolean not null default false,
    has_plan boolean not null default false,
    lacks_data boolean not null default false,
    claims text[] not null default '{}',
    constraint draft_line_pk primary key (tenant, draft, n),
    constraint draft_line_tenant_company_draft_fk foreign key (tenant, company, draft)
        references draft (tenant, company, id) on delete cascade
);
alter table draft_line enable row level security;
alter table draft_line force row level security;
-- As on other tables; the scope is asked once a statement and not once a row, for a draft has a thousand.
create policy draft_line_scope on draft_line for all to skylt_app using (
    tenant = (select scope_tenant()) and ((select scope_company()) = '*' or company = (select scope_company())));
grant select, insert, update, delete on draft_line to skylt_app;

-- From here on `lines` is what processes of the release before read and write. The next release drops it.
alter table draft alter column lines set default '[]';

create function draft_lines_from_json() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() > 1 or new.lines = '[]' then
        return null;  -- the other trigger wrote it, or a process that knows of the rows
    end if;
    delete from draft_line l where l.tenant = new.tenant and l.draft = new.id
        and not exists (select from jsonb_array_elements(new.lines) j where (j ->> 'n')::bigint = l.n);
    insert into draft_line as l (tenant, company, draft, n, answers, resets, touched, confirmed, removed, action, subject)
    select new.tenant, new.company, new.id, (j ->> 'n')::bigint, j -> 'answers', j -> 'resets', j -> 'touched',
        j -> 'confirmed', (j ->> 'removed')::boolean, j ->> 'action', j ->> 'subject'
    from jsonb_array_elements(new.lines) j
    on conflict (tenant, draft, n) do update set answers = excluded.answers, resets = excluded.resets,
        touched = excluded.touched, confirmed = excluded.confirmed, removed = excluded.removed, basis = ''
    where (l.answers, l.resets, l.touched, l.confirmed, l.removed)
        is distinct from (excluded.answers, excluded.resets, excluded.touched, excluded.confirmed, excluded.removed);
    return null;
end $$;

create function draft_lines_to_json() returns trigger language plpgsql as $$
declare
    changed record;
begin
    if pg_trigger_depth() > 1 then
        return null;
    end if;
    for changed in select distinct tenant, draft from changed_lines loop
        update draft d set lines = coalesce((
            select jsonb_agg(jsonb_build_object('n', l.n, 'answers', l.answers, 'resets', l.resets, 'touched', l.touched,
                'confirmed', l.confirmed, 'removed', l.removed, 'action', l.action, 'subject', l.subject) order by l.n)
            from draft_line l where l.tenant = d.tenant and l.draft = d.id), '[]')
        where d.tenant = changed.tenant and d.id = changed.draft;
    end loop;
    return null;
end $$;

-- The owner of the tables is bound by the policies, too: they are lifted while what is stored is copied.
alter table draft no force row level security;
alter table draft_line no force row level security;
do $$
begin
    if not exists (select from draft) then
        return;  -- a new installation: no process of an earlier release runs
    end if;
    insert into draft_line (tenant, company, draft, n, answers, resets, touched, confirmed, removed, action, subject)
    select d.tenant, d.company, d.id, (j ->> 'n')::bigint, j -> 'answers', j -> 'resets', j -> 'touched', j -> 'confirmed',
        (j ->> 'removed')::boolean, j ->> 'action', j ->> 'subject'
    from draft d, jsonb_array_elements(d.lines) j;
    create trigger draft_lines_from_json after insert or update of lines on draft
        for each row execute function draft_lines_from_json();
    -- The other way costs as much as the draft is long: for an hour, in which the release before is shut down.
    execute format('create trigger draft_lines_inserted after insert on draft_line referencing new table as changed_lines'
        ' for each statement when (now() < %L) execute function draft_lines_to_json()', now() + interval '1 hour');
    execute format('create trigger draft_lines_updated after update on draft_line referencing new table as changed_lines'
        ' for each statement when (now() < %L) execute function draft_lines_to_json()', now() + interval '1 hour');
    execute format('create trigger draft_lines_deleted after delete on draft_line referencing old table as changed_lines'
        ' for each statement when (now() < %L) execute function draft_lines_to_json()', now() + interval '1 hour');
end $$;
alter table draft force row level security;
alter table draft_line force row level security;
