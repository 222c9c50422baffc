select id as key, id, user_id, status, step, ending, ended_at, version, coupon_id, coupon_discount
from orders.orders
where coupon_id is not null and id ${chosen}
