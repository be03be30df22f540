-- A number that lies with another seller of the installation, free or not, cannot be moved in either. Answered to the
-- scope's seller: 'seller' is its own, 'elsewhere' is any other's, and which one nobody is told.
-- By length first: an index that gave numbers in order over all sellers would be walked for one seller's list.
create index number_e164_ix on number (length(e164), e164);

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

-- A company's numbers by number; and, however many it has in use, those that are idle and those a mobile can be paired with.
drop index number_company_ix;
create index number_company_ix on number (tenant, company, e164);
create index number_idle_ix on number (tenant, company, e164) where state in ('free', 'reserved', 'held');
create index number_fixed_ix on number (tenant, company, e164) where kind = 'fixed' and state = 'allocated';
