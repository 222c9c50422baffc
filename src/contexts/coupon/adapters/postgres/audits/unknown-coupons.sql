-- $1: ids of coupons. Returns up to 5 of them that no coupon has.
select id::text from unnest($1::bigint[]) as id
where not exists (select from coupon.coupon_issues as c where c.id = id.id)
limit 5
