-- When the certificate of its seal ends is said of a paper, too: a seal outlives it, but then shows less.
drop function document_shown(text, text, text);
create function document_shown(asked_tenant text, asked_code text, asked_sha256 text) returns table (
    kind text, title text, language text, version bigint, newest bigint, sha256 text, size bigint, made_at timestamptz,
    verify_code text, sealed_by text, sealed_at timestamptz, level text, was_signed boolean,
    key_ends timestamptz
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
                     and n.kind = d.kind || '_signed' and n.version >= d.version),
           (d.facts->>'key_ends')::timestamptz
    from (select *, regexp_replace(kind, '_signed$', '') as base from public.document) d
    where d.tenant = asked_tenant
      and ((asked_code <> '' and d.verify_code = asked_code) or (asked_sha256 <> '' and d.sha256 = asked_sha256))
    order by d.made_at desc
    limit 1
$$;
revoke execute on function document_shown from public;
grant execute on function document_shown to skylt_app;
