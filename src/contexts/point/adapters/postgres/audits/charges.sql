-- Points that were paid for have the key 'paid:<charge>'. 'own' is the payment that the charge asked for, by any of its names.
with credited as (
  select t.id, t.user_id, t.amount, substr(t.key, 6)::bigint as charge_id, c.id as cancelled_by
  from point.transactions as t left join point.transactions as c on c.source_id = t.id and c.type = 'CANCEL'
  where t.type = 'CHARGE' and t.key like 'paid:%'
), own as (
  select charge_id, sum(r.amount) as amount, count(*) as times
  from point.charge_refunds as r join point.charges as h on h.id = r.charge_id
  where reference = 'own' or payment_id in (h.id, h.reported_id) or r.provider_ref = h.provider_ref
  group by charge_id
), judged as (
  select coalesce(h.id, t.charge_id) as id, h.amount, t.amount as credited, case
    when h.id is null then format('transaction %s is paid by charge %s, which does not exist', t.id, t.charge_id)
    when (status in ('COMPLETED', 'REFUNDED')) <> (t.id is not null) or h.transaction_id is distinct from t.id then
      format('charge %s is %s, and its transaction is %s', h.id, status, coalesce(t.id::text, 'missing'))
    when t.id is not null and (t.amount <> h.amount or t.user_id <> h.user_id) then
      format('charge %s of %s credited %s', h.id, h.amount, t.amount)
    when (status = 'REFUNDED') <> (t.cancelled_by is not null) then
      format('charge %s is %s, and its points were %s', h.id, status,
        case when t.cancelled_by is null then 'kept' else 'taken back' end)
    when status in ('PENDING', 'COMPLETED') and o.amount is not null then
      format('charge %s is %s, but its money goes back', h.id, status)
    when status = 'REFUNDED' and o.amount is distinct from h.amount then
      format('charge %s of %s is REFUNDED, and %s goes back', h.id, h.amount, coalesce(o.amount, 0))
    when (status = 'PENDING') <> (settled_at is null) then format('charge %s is %s, and settled at %s', h.id, status, settled_at)
  end as violation
  from point.charges as h full join credited as t on t.charge_id = h.id left join own as o on o.charge_id = h.id
), reserved as (
  select user_id, sum(amount) as amount from point.charges where status = 'PENDING' group by user_id
), violations as (
  select violation from judged where violation is not null
  union all
  select format('user %s: room is kept for %s, the open charges sum to %s', user_id, coalesce(a.charging, 0), coalesce(r.amount, 0))
  from point.accounts as a full join reserved as r using (user_id)
  where coalesce(a.charging, 0) <> coalesce(r.amount, 0)
  union all
  select format('the payment of charge %s goes back %s times', charge_id, times) from own where times > 1
  union all
  select format('payment %s of charge %s goes back by refunds %s and %s', a.payment_id, a.charge_id, a.id, b.id)
  from point.charge_refunds as a join point.charge_refunds as b on b.charge_id = a.charge_id and b.id > a.id
  where b.reference = a.reference or b.payment_id = a.payment_id or b.provider_ref = a.provider_ref
  union all
  select format('refund %s is of charge %s, which does not exist', r.id, charge_id)
  from point.charge_refunds as r left join point.charges as h on h.id = r.charge_id where h.id is null
)
select json_build_object('charges', (select count(*) from point.charges),
    'credited', (select coalesce(sum(credited), 0) from judged),
    'refunds', (select count(*) from point.charge_refunds)) as figures,
  count(*)::int as broken, (array_agg(violation order by violation))[1:5] as examples
from violations
