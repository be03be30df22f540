-- A number that lies with another seller of the installation, free or not, cannot be moved in either. Answered to the
-- scope's seller: 'seller' is its own, 'elsewhere' is any other's, and which one nobody is told.
create index number_e164_ix on number (e164);

-- Where the numbers from the first to the last lie; '' when no seller of the installation has any of them.
create function number_whereabouts(asked_first text, asked_last text) returns text
language sql stable security definer set search_path = pg_catalog, public as $$
    select case
        when exists (
            select from public.number
            where tenant = public.scope_tenant() and e164 between asked_first and asked_last
              and length(e164) = length(asked_first)
        ) then 'seller'
        when exists (
            select from public.number
            where e164 between asked_first and asked_last and length(e164) = length(asked_first)
        ) then 'elsewhere'
        else ''
    end
$$;

-- Who is moving any of them, alone or in a series: '' when nobody is.
create function port_whereabouts(asked_first text, asked_last text) returns text
language sql stable security definer set search_path = pg_catalog, public as $$
    select coalesce(max(case when tenant = public.scope_tenant() then 'seller' else 'elsewhere' end), '')
    from public.porting
    where asked_first ~ '^\+[0-9]{1,18}$' and asked_last ~ '^\+[0-9]{1,18}$'
      and span && int8range(
          case when asked_first ~ '^\+[0-9]{1,18}$' then substr(asked_first, 2)::bigint end,
          case when asked_last ~ '^\+[0-9]{1,18}$' then substr(asked_last, 2)::bigint end, '[]')
      and state not in ('completed', 'cancelled', 'declined')
$$;
revoke execute on function number_whereabouts, port_whereabouts from public;
grant execute on function number_whereabouts, port_whereabouts to skylt_app;
