select case
  when type in ('CHARGE', 'EARN') or type = 'ADJUST' and amount > 0 then 'point.earned'
  when type in ('USE', 'CAPTURE', 'ADJUST') then 'point.used'
  when type = 'CANCEL' then 'point.cancelled'
  when type = 'EXPIRE' then 'point.expired'
end as topic
from point.transactions
