with moved as (
  select transaction_id, sum(amount) as total from point.lot_moves group by transaction_id
), judged as (
  select t.id, case when t.id is null or t.amount <> coalesce(total, 0) then
    format('transaction %s does %s to the balance and %s to lots', coalesce(t.id, transaction_id), t.amount,
      coalesce(total, 0))
  end as violation
  from point.transactions as t full join moved as m on m.transaction_id = t.id
)
select json_build_object('transactions', count(id)) as figures, count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
