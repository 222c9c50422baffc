select user_id as key, id, user_id, order_id, coupon_id, status,
  (select policy_id from coupon.coupon_issues as i where i.id = coupon_id) as policy_id
from coupon.coupon_reservations
where id like 'CHECKOUT:%' and order_id is not null and status in ('PENDING', 'CONFIRMED') and user_id ${chosen}
