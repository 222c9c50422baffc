with keys as (
  select user_id, key, count(*) as times from point.transactions where key is not null group by user_id, key
), reversed as (
  select s.id, s.amount - s.receivable as amount,
    sum(case when c.type = 'CANCEL' then abs(c.amount - c.receivable) else 0 end) as given
  from point.transactions as c join point.transactions as s on s.id = c.source_id group by s.id, s.amount, s.receivable
), violations as (
  select format('user %s has %s transactions with the key %s', user_id, times, key) as violation from keys where times > 1
  union all
  select format('transaction %s of %s was reversed by %s', id, amount, given) from reversed where given > abs(amount)
)
select json_build_object('keys', (select count(*) from keys)) as figures, count(*)::int as broken,
  (array_agg(violation order by violation))[1:5] as examples
from violations
