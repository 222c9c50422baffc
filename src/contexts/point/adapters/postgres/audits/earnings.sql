with given as (
  select t.id, t.user_id, t.order_id, t.amount - t.receivable as earned,
    (select coalesce(sum(c.receivable - c.amount), 0) from point.transactions as c
      where c.user_id = t.user_id and c.source_id = t.id and c.type = 'CANCEL') as taken
  from point.transactions as t where t.type = 'EARN' and t.key like 'order-earned:%'
), judged as (
  select coalesce(e.order_id, g.order_id) as order_id, e.earned, e.taken, case
    when e.order_id is null then format('order %s earned %s, of which nothing is known', g.order_id, g.earned)
    when e.transaction_id is distinct from g.id or e.earned <> coalesce(g.earned, 0) or e.taken <> coalesce(g.taken, 0) then
      format('order %s says that it earned %s and lost %s, the ledger %s and %s', e.order_id, e.earned, e.taken,
        coalesce(g.earned, 0), coalesce(g.taken, 0))
    when e.earned - e.taken <> coalesce(greatest(e.paid_money - e.refunded, 0) * e.rate_bp / 10000, 0) then
      format('order %s keeps %s points for %s of %s at %s', e.order_id, e.earned - e.taken,
        e.paid_money - e.refunded, e.paid_money, e.rate_bp)
  end as violation
  from point.order_earnings as e full join given as g on g.user_id = e.user_id and g.order_id = e.order_id
)
select json_build_object('orders', count(*), 'earned', coalesce(sum(earned), 0), 'taken', coalesce(sum(taken), 0)) as figures,
  count(violation)::int as broken,
  (array_agg(violation order by order_id) filter (where violation is not null))[1:5] as examples
from judged
