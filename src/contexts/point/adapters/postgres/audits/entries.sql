with summed as (
  select transaction_id, count(*) as lines, count(distinct account) as accounts, count(distinct user_id) as users,
    min(user_id) as user_id, sum(amount) as total, coalesce(sum(amount) filter (where account = 'USER'), 0) as effect,
    -coalesce(sum(amount) filter (where account = 'RECEIVABLE'), 0) as owed
  from point.entries group by transaction_id
), judged as (
  select coalesce(t.id, s.transaction_id) as id, coalesce(lines, 0) as lines, case
    when t.id is null then format('transaction %s has entries, but does not exist', transaction_id)
    when coalesce(lines, 0) < 2 or accounts < 2 then format('transaction %s has %s entries', t.id, coalesce(lines, 0))
    when total <> 0 then format('the entries of transaction %s sum to %s', t.id, total)
    when users > 1 or s.user_id <> t.user_id then format('transaction %s has entries of another user', t.id)
    when owed <> t.receivable then format('transaction %s books %s as owed, its entries %s', t.id, t.receivable, owed)
    when effect <> t.amount then format('transaction %s says %s, its entries %s', t.id, t.amount, effect)
  end as violation
  from point.transactions as t full join summed as s on s.transaction_id = t.id
)
select json_build_object('transactions', count(*), 'entries', coalesce(sum(lines), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
