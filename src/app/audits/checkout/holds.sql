select user_id as key, user_id, order_id, amount, state
from point.holds
where state in ('HELD', 'CAPTURED') and user_id ${chosen}
