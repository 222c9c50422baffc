with moved as (
  select lot_id, sum(m.amount) as total, -coalesce(sum(m.amount) filter (where t.type = 'EXPIRE'), 0) as expired
  from point.lot_moves as m left join point.transactions as t on t.id = m.transaction_id group by lot_id
), judged as (
  select l.id, l.remaining, case
    when l.id is null then format('lot %s has moves, but does not exist', lot_id)
    when remaining < 0 or remaining > amount then format('lot %s of %s has %s left', l.id, amount, remaining)
    when remaining <> coalesce(total, 0) then
      format('lot %s has %s left, its moves say %s', l.id, remaining, coalesce(total, 0))
    when l.expired <> m.expired then
      format('lot %s says that %s of it expired, its moves say %s', l.id, l.expired, m.expired)
    when open <> (remaining > 0) then format('lot %s has %s left and counts as %s', l.id, remaining,
      case when open then 'open' else 'empty' end)
  end as violation
  from point.lots as l full join moved as m on m.lot_id = l.id
)
select json_build_object('lots', count(*), 'left', coalesce(sum(remaining), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by id) filter (where violation is not null))[1:5] as examples
from judged
