with entered as (
  select user_id, coalesce(sum(amount) filter (where account = 'USER'), 0) as balance,
    coalesce(sum(amount) filter (where account = 'HELD'), 0) as held,
    -coalesce(sum(amount) filter (where account = 'RECEIVABLE'), 0) as owed
  from point.entries group by user_id
), lots as (
  select user_id, sum(remaining) as remaining from point.lots group by user_id
), compared as (
  select coalesce(a.user_id, e.user_id, l.user_id) as user_id, a.balance, a.held, a.receivable,
    coalesce(e.balance, 0) as entered, coalesce(e.held, 0) as entered_held, coalesce(e.owed, 0) as entered_owed, coalesce(remaining, 0) as remaining
  from point.accounts as a full join entered as e on e.user_id = a.user_id
    full join lots as l on l.user_id = coalesce(a.user_id, e.user_id)
), judged as (
  select *, case
    when balance is null then format('user %s has points, but no account', user_id)
    when balance <> entered or balance <> remaining then
      format('user %s: balance %s, entries %s, lots %s', user_id, balance, entered, remaining)
    when held <> entered_held then format('user %s: %s held, entries %s', user_id, held, entered_held)
    when receivable <> entered_owed then format('user %s owes %s, entries %s', user_id, receivable, entered_owed)
    when balance < 0 or held < 0 or receivable < 0 then
      format('user %s has %s points and %s held, and owes %s', user_id, balance, held, receivable)
  end as violation
  from compared
)
select json_build_object('accounts', count(*), 'balance', coalesce(sum(balance), 0), 'held', coalesce(sum(held), 0),
    'owed', coalesce(sum(receivable), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by user_id) filter (where violation is not null))[1:5] as examples
from judged
