-- Series: a porting is of one number, or of all from the first to the last. A range with an exclusion constraint
-- refuses every overlap over the whole installation, whoever commits first.

alter table porting
    add column series_first text,
    add column series_last text,
    add column span int8range not null generated always as (
        int8range(substr(coalesce(series_first, e164), 2)::bigint, substr(coalesce(series_last, e164), 2)::bigint, '[]')
    ) stored,
    add constraint porting_series_check check (
        (series_first is null) = (series_last is null)
        and (series_first is null or (length(series_first) = length(series_last) and length(e164) = length(series_first)
            and e164 collate "C" between series_first and series_last))
    ),
    add constraint porting_span_excl exclude using gist (span with &&)
        where (state not in ('completed', 'cancelled', 'declined'));

-- Whether somebody in the installation is moving the number already, alone or in a series.
create or replace function port_is_open(asked text) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select exists (
        select from public.porting
        where span @> case when asked ~ '^\+[0-9]{1,18}$' then substr(asked, 2)::bigint end
          and state not in ('completed', 'cancelled', 'declined')
    )
$$;

-- Whether no number of a series is used, held or about to come anywhere in the installation.
create function series_is_free(asked_first text, asked_last text) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select not exists (
        select from public.number
        where e164 between asked_first and asked_last and length(e164) = length(asked_first)
          and state in ('held', 'reserved', 'allocated', 'quarantine')
    ) and not exists (
        select from public.porting
        where span && int8range(substr(asked_first, 2)::bigint, substr(asked_last, 2)::bigint, '[]')
          and state not in ('completed', 'cancelled', 'declined')
    )
$$;
revoke execute on function series_is_free from public;
grant execute on function series_is_free to skylt_app;
