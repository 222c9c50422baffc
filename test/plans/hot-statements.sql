-- command-results-insert
insert into platform.command_results (scope, key, request_hash, result) select * from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) as new(scope, key, request_hash, result) order by 1, 2;

-- command-results-read
select kept.scope, kept.key, kept.request_hash as "requestHash", kept.result, kept.expires_at <= now() as "isExpired" from unnest($1::text[], $2::text[]) as asked(scope, key) cross join lateral ( select * from platform.command_results as r where r.scope = asked.scope and r.key = asked.key limit 1) as kept;

-- confirm
select pg_logical_emit_message(true, 'stampede', '');

-- external-users-add
with seen as ( select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as each(id, issuer, subject, role) ), digests as materialized ( select seen.issuer, seen.subject, chr(10) || encode(sha256(convert_to(salts.salt || ' ' || seen.issuer || ' ' || seen.subject, 'UTF8')), 'hex') as digest from seen cross join identity.subject_salts as salts where salts.id = 1), erased as ( select u.id, named.issuer, named.subject, u.role from digests as named cross join lateral ( select id, role from identity.users where issuer = named.issuer and subject >= named.digest and subject <= named.digest and issuer is not null order by issuer, subject limit 1) as u ), named_again as ( update identity.users as u set subject = (select min(subject) from erased where erased.id = u.id) where u.id = any(array(select id from erased)) and u.status <> 'DELETED' ), added as ( insert into identity.users (id, issuer, subject, role, role_changed_at, password_hash, name, marketing_consent, created_at) select id, issuer, subject, role, case when role <> 'CUSTOMER' then $5::timestamptz end, '', '', false, $5 from seen where not exists (select from erased where erased.issuer = seen.issuer and erased.subject = seen.subject) on conflict (issuer, subject) where issuer is not null do nothing returning id, issuer, subject, role ) select u.id, named.issuer, named.subject, u.role from seen as named cross join lateral ( select id, role from identity.users where issuer = named.issuer and subject >= named.subject and subject <= named.subject and issuer is not null order by issuer, subject limit 1) as u union all select id, issuer, subject, role from added union all select id, issuer, subject, role from erased;

-- external-users-find
with seen as (select * from unnest($1::text[], $2::text[]) as each(issuer, subject)), digests as materialized ( select seen.issuer, seen.subject, chr(10) || encode(sha256(convert_to(salts.salt || ' ' || seen.issuer || ' ' || seen.subject, 'UTF8')), 'hex') as digest from seen cross join identity.subject_salts as salts where salts.id = 1) select u.id, named.issuer, named.subject, u.role from seen as named cross join lateral ( select id, role from identity.users where issuer = named.issuer and subject >= named.subject and subject <= named.subject and issuer is not null order by issuer, subject limit 1) as u union all select u.id, named.issuer, named.subject, u.role from digests as named cross join lateral ( select id, role from identity.users where issuer = named.issuer and subject >= named.digest and subject <= named.digest and issuer is not null order by issuer, subject limit 1) as u;

-- followed-policies-insert
insert into store.followed_policies (policy_id, store_id, name, opens_at) select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[]) as new(policy_id, store_id, name, opens_at) order by 1 on conflict do nothing;

-- followed-policies-lock
select policy_id as "targetId", not has_ended as "canBeFollowed" from store.followed_policies where policy_id = any($1::bigint[]) order by policy_id for no key update;

-- followed-stores-lock
select id as "targetId", status = 'OPEN' as "canBeFollowed" from store.stores where id = any($1::bigint[]) order by id for no key update;

-- followers-accounts
select pg_advisory_xact_lock_shared(hashtext('store.accounts'));

-- followers-count-POLICY
update store.followed_policies as t set followers = t.followers + c.change from unnest($1::bigint[], $2::int[]) as c(id, change) where t.policy_id = c.id;

-- followers-count-STORE
update store.stores as t set followers = t.followers + c.change from unnest($1::bigint[], $2::int[]) as c(id, change) where t.id = c.id;

-- followers-deleted
select user_id as "userId" from store.deleted_users where user_id = any($1::bigint[]);

-- inbox-claim
insert into platform.inbox as i (consumer, source, seen) select $1, source, indexes from unnest($2::text[], $3::int4multirange[]) as ids(source, indexes) order by source collate "C" on conflict (consumer, source) do update set seen = i.seen + excluded.seen, claimed = excluded.seen - i.seen where not i.seen @> excluded.seen returning source, coalesce(claimed, seen)::text as claimed;

-- issue-codes
select i.policy_id, i.user_id, i.id, i.sequence_no, i.code, null as event_id from coupon.coupon_issues i where i.code = any($1::text[]) and not i.returned;

-- issue-count
update coupon.coupon_policies p set current_issue_count = new.current_issue_count, last_sequence_no = new.last_sequence_no, status = new.status from unnest($1::bigint[], $2::int[], $3::int[], $4::text[]) new(id, current_issue_count, last_sequence_no, status) where p.id = new.id;

-- issue-given
select i.policy_id, i.user_id, i.id, i.sequence_no, null as code, i.event_id from unnest($1::bigint[], $2::bigint[], $3::text[]) wanted(policy_id, user_id, event_id) join coupon.coupon_issues i on i.policy_id = wanted.policy_id and i.user_id = wanted.user_id and i.event_id = wanted.event_id;

-- issue-holdings
select i.policy_id, i.user_id, i.id, i.sequence_no, i.slot from unnest($1::bigint[], $2::bigint[]) wanted(policy_id, user_id) join coupon.coupon_issues i on (i.user_id, i.policy_id) >= (wanted.user_id, wanted.policy_id) and (i.user_id, i.policy_id) <= (wanted.user_id, wanted.policy_id) and i.slot is not null;

-- issue-insert
insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at, terms_version) select id, policy_id, user_id, sequence_no, slot, $6::timestamptz, expires_at, terms_version from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::int[], $7::timestamptz[], $8::int[]) new(id, policy_id, user_id, sequence_no, slot, expires_at, terms_version);

-- issue-insert-claiming
insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at, terms_version, code, event_id) select id, policy_id, user_id, sequence_no, slot, $6::timestamptz, expires_at, terms_version, code, event_id from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::int[], $7::timestamptz[], $8::int[], $9::text[], $10::text[]) new(id, policy_id, user_id, sequence_no, slot, expires_at, terms_version, code, event_id);

-- issue-lock
select p.id, p.name, p.store_id, p.code, p.status, p.distribution_type, p.discount_type, p.discount_value, p.max_issue_count, p.max_issue_per_user, p.valid_days, p.expire_at, p.valid_from, p.valid_until, p.timezone, p.current_issue_count, p.last_sequence_no, p.refusal_epoch, p.terms_version, p.suspension_reason, p.version, p.former_issue_per_user, p.fence from coupon.coupon_policies p where p.id = any($1::bigint[]) order by p.id for no key update;

-- issue-optimistic
with policy as materialized ( select id from coupon.coupon_policies where id = $1::bigint and current_issue_count = $2::int and last_sequence_no = $3::int and status = $4::text and refusal_epoch = $5::int and version = $6::int and fence = $7::int and max_issue_count is not distinct from $8::int and valid_from = $9::timestamptz and valid_until = $10::timestamptz and max_issue_per_user = 1 and former_issue_per_user <= 1 for no key update ), counted as ( update coupon.coupon_policies p set current_issue_count = $11::int, last_sequence_no = $12::int, status = $13::text from policy where p.id = policy.id and abs(extract(epoch from clock_timestamp()) * 1000 - $14::float8) <= 2000 returning p.id, p.terms_version ), coupons as ( insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at, terms_version) select new.id, counted.id, new.user_id, new.sequence_no, new.slot, $19::timestamptz, new.expires_at, counted.terms_version from counted cross join unnest($15::bigint[], $16::bigint[], $17::int[], $18::int[], $20::timestamptz[]) new(id, user_id, sequence_no, slot, expires_at) ) insert into platform.outbox (id, topics, payload, events, tally) select $21::bigint, $22::text[], $23::text, $24::int, $25::jsonb from counted;

-- job-hold
select 1 from coupon.coupon_jobs where id = $1::bigint and lease = $2::uuid and done = $3::int and status = 'RUNNING' for no key update;

-- job-move
update coupon.coupon_jobs set done = done + $2::int, failed = failed + $3::int, lease_until = clock_timestamp() + make_interval(secs => 10) where id = $1::bigint;

-- life-coupons
select i.id, i.user_id, i.policy_id, i.sequence_no, i.code, i.issued_at, i.expires_at, i.version, i.terms_version, i.status, i.returned, i.reserved_at, i.used_at, i.reservation_id, i.order_id, i.discount_amount, p.name, p.store_id, p.timezone, p.restore_on_refund, p.suspension_reason, case when t.version is null then p.discount_type else t.discount_type end as discount_type, case when t.version is null then p.discount_value else t.discount_value end as discount_value, case when t.version is null then p.minimum_order_amount else t.minimum_order_amount end as minimum_order_amount, case when t.version is null then p.max_discount_amount else t.max_discount_amount end as max_discount_amount, case when t.version is null then p.store_id else t.eligible_store_id end as eligible_store_id, coalesce(t.version, p.terms_version) as effective_version from coupon.coupon_issues i join coupon.coupon_policies p on p.id = i.policy_id left join coupon.coupon_policy_terms t on t.policy_id = p.id and t.version = case when greatest(i.terms_version, p.terms_floor) < p.terms_version then greatest(i.terms_version, p.terms_floor) end where i.id = any(array( select unnest($1::bigint[]) union select coupon_id from coupon.coupon_reservations where id = any($2::text[]) union select r.coupon_id from unnest($3::bigint[], $4::text[]) as o(user_id, order_id) join coupon.coupon_reservations r on r.user_id = o.user_id and r.order_id = o.order_id union select r.coupon_id from coupon.coupon_reservations n join coupon.coupon_reservations r on r.user_id = n.user_id and r.order_id = n.order_id where n.id = any($5::text[]) and n.status = 'EXPIRED'));

-- life-direct-uses
select used.id, used.user_id, used.order_id from ( select * from unnest($1::bigint[], $2::text[]) union select user_id, order_id from coupon.coupon_reservations where id = any($3::text[]) and status = 'EXPIRED' ) as o(user_id, order_id) cross join lateral ( select i.id, i.user_id, i.order_id from coupon.coupon_issues i where i.user_id = o.user_id and i.order_id = o.order_id and i.reservation_id is null and i.status = 'USED' offset 0 ) as used;

-- life-history
insert into coupon.coupon_history (coupon_id, version, policy_id, kind, reason, reservation_id, order_id, discount_amount, changed_by, note, group_id, at) select *, $11::bigint, $12::timestamptz from unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[]);

-- life-locked
select i.id from coupon.coupon_issues i where i.id = any(array( select unnest($1::bigint[]) union select coupon_id from coupon.coupon_reservations where id = any($2::text[]) union select r.coupon_id from unnest($3::bigint[], $4::text[]) as o(user_id, order_id) join coupon.coupon_reservations r on r.user_id = o.user_id and r.order_id = o.order_id union select r.coupon_id from coupon.coupon_reservations n join coupon.coupon_reservations r on r.user_id = n.user_id and r.order_id = n.order_id where n.id = any($5::text[]) and n.status = 'EXPIRED')) order by i.id for no key update;

-- life-policies
select p.id, p.name, p.store_id, p.valid_from, p.valid_until, p.status, p.current_issue_count, p.refusal_epoch from coupon.coupon_policies p where p.id = any(array(select policy_id from coupon.coupon_issues where id = any($1::bigint[]))) order by p.id for no key update;

-- life-policies-update
update coupon.coupon_policies p set current_issue_count = new.current_issue_count, status = new.status, refusal_epoch = new.refusal_epoch from unnest($1::bigint[], $2::int[], $3::text[], $4::int[]) new(id, current_issue_count, status, refusal_epoch) where p.id = new.id;

-- life-reservations
select id, coupon_id, user_id, order_id, order_amount, eligible_amount, discount_amount, status, reserved_at, expires_at, ended_at, confirmation_failed from coupon.coupon_reservations where id = any(array( select unnest($2::text[]) union select reservation_id from coupon.coupon_issues where id = any($1::bigint[]) and reservation_id is not null union select r.id from unnest($3::bigint[], $4::text[]) as o(user_id, order_id) join coupon.coupon_reservations r on r.user_id = o.user_id and r.order_id = o.order_id union select r.id from coupon.coupon_reservations n join coupon.coupon_reservations r on r.user_id = n.user_id and r.order_id = n.order_id where n.id = any($5::text[]) and n.status = 'EXPIRED' union select id from coupon.coupon_reservations where user_id = any($6::bigint[]) and status = 'PENDING'));

-- life-reservations-put
insert into coupon.coupon_reservations as r (id, coupon_id, user_id, order_id, order_amount, eligible_amount, discount_amount, status, reserved_at, expires_at, ended_at, confirmation_failed) select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::boolean[]) on conflict (id) do update set status = excluded.status, reserved_at = excluded.reserved_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at, confirmation_failed = excluded.confirmation_failed;

-- life-update
update coupon.coupon_issues i set version = new.version, status = new.status, returned = new.returned, reserved_at = new.reserved_at, used_at = new.used_at, reservation_id = new.reservation_id, order_id = new.order_id, discount_amount = new.discount_amount, slot = case when new.status = 'CANCELLED' then null else i.slot end from unnest($1::bigint[], $2::int[], $3::text[], $4::boolean[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::bigint[]) new(id, version, status, returned, reserved_at, used_at, reservation_id, order_id, discount_amount) where i.id = new.id;

-- life-users
select pg_advisory_xact_lock(key) from ( select hashtextextended(name, 0) as key from unnest($1::text[]) as name union select hashtextextended('coupon.user:' || user_id, 0) from coupon.coupon_reservations where id = any($2::text[]) order by 1) as keys;

-- order-bought
select b.time_sale_id as "timeSaleId", b.user_id as "userId", b.quantity from ( select * from unnest($1::bigint[], $2::bigint[]) as named(time_sale_id, user_id) union select l.time_sale_id, o.user_id from orders.orders as o cross join lateral ( select time_sale_id from orders.order_lines where order_id = o.id and time_sale_id is not null offset 0) as l where o.id = any($3::bigint[])) as n cross join lateral ( select * from orders.time_sale_buyers where time_sale_id = n.time_sale_id and user_id = n.user_id limit 1) as b;

-- order-buyers-put
insert into orders.time_sale_buyers (time_sale_id, user_id, quantity) select * from unnest($1::bigint[], $2::bigint[], $3::int[]) on conflict (time_sale_id, user_id) do update set quantity = excluded.quantity;

-- order-daily-sales-add
insert into orders.product_daily_sales as d (day, product_id, quantity) select * from unnest($1::date[], $2::bigint[], $3::int[]) on conflict (day, product_id) do update set quantity = d.quantity + excluded.quantity;

-- order-history-insert
insert into orders.order_history (order_id, version, status, amount, note, group_id, at) select *, $6::bigint, $7::timestamptz from unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $5::text[]);

-- order-insert
insert into orders.orders (id, status, step, ending, refusal_code, refusal_details, payment_id, paid_at, ended_at, coupon_discount, points_used, refunded_amount, refunded_points, expires_at, resume_at, attempts, version, reserved_at, user_id, key, content_hash, coupon_id, use_points, expected_total, currency, subtotal, created_at) select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::timestamptz[], $15::timestamptz[], $16::int[], $17::int[], $18::timestamptz[], $19::bigint[], $20::text[], $21::text[], $22::bigint[], $23::bigint[], $24::bigint[], $25::text[], $26::bigint[], $27::timestamptz[]);

-- order-lines-insert
insert into orders.order_lines (order_id, line, coupon_discount, points_used, refunded_quantity, product_id, time_sale_id, product_name, store_id, quantity, unit_price) select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::int[], $11::bigint[]);

-- order-lines-update
update orders.order_lines as l set coupon_discount = new.coupon_discount, points_used = new.points_used, refunded_quantity = new.refunded_quantity from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::int[]) as new(order_id, line, coupon_discount, points_used, refunded_quantity) where l.order_id = new.order_id and l.line = new.line;

-- order-locks
select 1 from orders.orders where id = any($1::bigint[]) order by id for no key update;

-- order-open
select n.user_id as "userId", ( select count(*)::int from orders.orders where user_id = n.user_id and status in ('PENDING', 'RESERVED')) as open from unnest($1::bigint[]) as n(user_id);

-- order-orders
select o.id as "id", o.user_id as "userId", o.key as "key", o.content_hash as "contentHash", o.status as "status", o.step as "step", o.ending as "ending", o.refusal_code as "refusalCode", o.refusal_details as "refusalDetails", o.coupon_id as "couponId", o.use_points as "usePoints", o.expected_total as "expectedTotal", o.currency as "currency", o.subtotal as "subtotal", o.coupon_discount as "couponDiscount", o.points_used as "pointsUsed", o.payment_id as "paymentId", o.refunded_amount as "refundedAmount", o.refunded_points as "refundedPoints", o.created_at as "createdAt", o.reserved_at as "reservedAt", o.expires_at as "expiresAt", o.paid_at as "paidAt", o.ended_at as "endedAt", o.resume_at as "resumeAt", o.attempts as "attempts", o.version as "version", ( select json_agg(json_build_array(l.line, l.product_id::text, l.time_sale_id::text, l.product_name, l.store_id::text, l.quantity, l.unit_price::text, l.coupon_discount::text, l.points_used::text, l.refunded_quantity) order by l.line) from orders.order_lines as l where l.order_id = o.id) as lines from orders.orders as o where o.id = any(array( select unnest($1::bigint[]) union select found.id from unnest($2::bigint[], $3::text[]) as k(user_id, key) cross join lateral ( select id from orders.orders where user_id = k.user_id and key >= k.key and key <= k.key order by key limit 1) as found));

-- order-payments
select y.id as "id", y.order_id as "orderId", y.user_id as "userId", y.method as "method", y.amount as "amount", y.status as "status", y.provider_ref as "providerRef", y.reported_id as "reportedId", y.provider_url as "providerUrl", y.key as "key", y.content_hash as "contentHash", y.refusal_code as "refusalCode", y.refusal_details as "refusalDetails", y.created_at as "createdAt", y.settled_at as "settledAt" from orders.payments as y where y.order_id = any($1::bigint[]);

-- order-payments-insert
insert into orders.payments (id, status, amount, provider_ref, reported_id, provider_url, refusal_code, refusal_details, settled_at, order_id, user_id, method, key, content_hash, created_at) select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::timestamptz[]);

-- order-payments-update
update orders.payments as y set status = new.status, amount = new.amount, provider_ref = new.provider_ref, reported_id = new.reported_id, provider_url = new.provider_url, refusal_code = new.refusal_code, refusal_details = new.refusal_details, settled_at = new.settled_at from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::jsonb[], $9::timestamptz[]) as new(id, status, amount, provider_ref, reported_id, provider_url, refusal_code, refusal_details, settled_at) where y.id = new.id;

-- order-products
select p.id as "id", p.name as "name", p.description as "description", p.price as "price", p.supplied as "supplied", p.stock as "stock", p.reserved as "reserved", p.sold as "sold", p.store_id as "storeId", p.hidden as "hidden", p.store_closed as "storeClosed", p.created_by as "createdBy", p.version as "version", p.created_at as "createdAt", p.updated_at as "updatedAt" from orders.products as p where p.id = any(array( select unnest($1::bigint[]) union select product_id from orders.order_lines where order_id = any($2::bigint[]))) order by p.id for no key update;

-- order-products-update
update orders.products as p set stock = new.stock, reserved = new.reserved, sold = new.sold from unnest($1::bigint[], $2::int[], $3::int[], $4::int[]) as new(id, stock, reserved, sold) where p.id = new.id;

-- order-refund-lines-insert
insert into orders.refund_lines (refund_id, line, quantity, money, points) select * from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::bigint[]);

-- order-refunds
select r.id as "id", r.order_id as "orderId", r.payment_id as "paymentId", r.key as "key", r.content_hash as "contentHash", r.money as "money", r.points as "points", r.restores_coupon as "restoresCoupon", r.step as "step", r.reason as "reason", r.by as "by", r.created_at as "createdAt", r.resume_at as "resumeAt", r.attempts as "attempts", ( select json_agg(json_build_array(l.line, l.quantity, l.money::text, l.points::text) order by l.line) from orders.refund_lines as l where l.refund_id = r.id) as lines from orders.refunds as r where r.order_id = any($1::bigint[]);

-- order-refunds-insert
insert into orders.refunds (id, step, resume_at, attempts, order_id, payment_id, key, content_hash, money, points, restores_coupon, reason, by, created_at) select * from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::int[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::boolean[], $12::text[], $13::text[], $14::timestamptz[]);

-- order-refunds-update
update orders.refunds as r set step = new.step, resume_at = new.resume_at, attempts = new.attempts from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::int[]) as new(id, step, resume_at, attempts) where r.id = new.id;

-- order-time sales
select s.id as "id", s.product_id as "productId", s.sale_price as "salePrice", s.quantity as "quantity", s.stock as "stock", s.reserved as "reserved", s.sold as "sold", s.returned as "returned", s.restocks as "restocks", s.limit_per_user as "limitPerUser", s.limit_highest as "limitHighest", s.starts_at as "startsAt", s.ends_at as "endsAt", s.announced as "announced", s.created_by as "createdBy", s.created_at as "createdAt" from orders.time_sales as s where s.id = any(array( select unnest($1::bigint[]) union select time_sale_id from orders.order_lines where order_id = any($2::bigint[]) and time_sale_id is not null)) order by s.id for no key update;

-- order-time-sales-update
update orders.time_sales as s set stock = new.stock, reserved = new.reserved, sold = new.sold, returned = new.returned, restocks = new.restocks from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[]) as new(id, stock, reserved, sold, returned, restocks) where s.id = new.id;

-- order-update
update orders.orders as o set status = new.status, step = new.step, ending = new.ending, refusal_code = new.refusal_code, refusal_details = new.refusal_details, payment_id = new.payment_id, paid_at = new.paid_at, ended_at = new.ended_at, coupon_discount = new.coupon_discount, points_used = new.points_used, refunded_amount = new.refunded_amount, refunded_points = new.refunded_points, expires_at = new.expires_at, resume_at = new.resume_at, attempts = new.attempts, version = new.version, reserved_at = new.reserved_at from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::timestamptz[], $15::timestamptz[], $16::int[], $17::int[], $18::timestamptz[]) as new(id, status, step, ending, refusal_code, refusal_details, payment_id, paid_at, ended_at, coupon_discount, points_used, refunded_amount, refunded_points, expires_at, resume_at, attempts, version, reserved_at) where o.id = new.id;

-- order-users
select pg_advisory_xact_lock(key) from ( select hashtextextended('orders.user:' || id, 0) as key from unnest($1::bigint[]) as id order by 1) as keys;

-- orders-are-placed
select asked.place::int as place from unnest($1::bigint[], $2::text[]) with ordinality as asked(user_id, key, place) cross join lateral ( select id from orders.orders where user_id = asked.user_id and key >= asked.key and key <= asked.key order by key limit 1) as found;

-- outbox
insert into platform.outbox (id, topics, payload, events, tally) values ($1::bigint, $2::text[], $3::text, $4::int, $5::jsonb);

-- point-accounts
select user_id, balance, held, receivable, charging from point.accounts where user_id = any($1::bigint[]) order by user_id for no key update;

-- point-accounts-update
update point.accounts as a set balance = new.balance, held = new.held, receivable = new.receivable, charging = new.charging from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) as new(user_id, balance, held, receivable, charging) where a.user_id = new.user_id;

-- point-holds
select h.user_id, h.order_id, h.amount, h.transaction_id, h.state, h.refunded from unnest($1::bigint[], $2::text[]) as o(user_id, order_id) cross join lateral ( select * from point.holds as h where h.user_id = o.user_id and h.order_id = o.order_id limit 1) as h;

-- point-holds-put
insert into point.holds (user_id, order_id, amount, transaction_id, state, refunded) select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) on conflict (user_id, order_id) do update set state = excluded.state, refunded = excluded.refunded;

-- point-insert
with new as ( select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $14::text[], $15::text[], $16::bigint[]) as t(id, user_id, type, amount, balance, receivable, key, content_hash, order_id, reason, source_id, by, "from", "to", moved) ), written as ( insert into point.entries (transaction_id, line, account, user_id, amount) select * from ( select id, 1, "from", user_id, case "from" when 'USER' then receivable - moved else -moved end as amount from new union all select id, 2, "to", user_id, case "to" when 'USER' then receivable + moved else moved end from new union all select id, 3, 'RECEIVABLE', user_id, -receivable from new ) as e where amount <> 0 ) insert into point.transactions (id, user_id, type, amount, balance, receivable, key, content_hash, order_id, reason, source_id, by, created_at) select id, user_id, type, amount, balance, receivable, key, content_hash, order_id, reason, source_id, by, $13::timestamptz from new;

-- point-keyed
select t.* from unnest($1::bigint[], $2::text[]) as k(user_id, key) cross join lateral ( select t.id, t.user_id, t.type, t.amount, t.balance, t.receivable, t.key, t.content_hash, t.order_id, t.reason, t.source_id, t.by, t.created_at from point.transactions as t where t.user_id = k.user_id and t.key >= k.key and t.key <= k.key order by t.key limit 1) as t;

-- point-lots
with recursive walk as ( select need.user_id, need.amount as need, '-infinity'::timestamptz as expires_at, 0::bigint as id from unnest($4::bigint[], $5::bigint[]) as need(user_id, amount) union all select w.user_id, w.need - l.remaining, l.expires_at::timestamptz, l.id from walk as w cross join lateral ( select expires_at, id, remaining from point.lots where user_id = w.user_id and open and (expires_at, id) > (w.expires_at, w.id) and expires_at > $6::timestamptz and (available_at is null or available_at <= $6) and id <> all($7::bigint[]) order by expires_at, id limit 1 ) as l where w.need > 0 ) select id, user_id, amount, remaining, expired, available_at, expires_at from point.lots where id = any(array( select id from walk union select unnest($7) union select lot_id from point.lot_moves where transaction_id = any(array( select unnest($1::bigint[]) union select h.transaction_id from unnest($2::bigint[], $3::text[]) as o(user_id, order_id) cross join lateral ( select * from point.holds as h where h.user_id = o.user_id and h.order_id = o.order_id limit 1) as h))));

-- point-lots-insert
insert into point.lots (id, user_id, amount, remaining, expired, open, available_at, expires_at) select id, user_id, amount, remaining, expired, remaining > 0, available_at, expires_at from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[]) as new(id, user_id, amount, remaining, expired, available_at, expires_at);

-- point-lots-update
update point.lots as l set remaining = new.remaining, expired = new.expired, open = new.remaining > 0, expires_at = new.expires_at from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[]) as new(id, remaining, expired, expires_at) where l.id = new.id;

-- point-moves
insert into point.lot_moves (transaction_id, line, lot_id, amount) select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[]);

-- point-new accounts
insert into point.accounts (user_id) select id from unnest($1::bigint[]) as id order by id on conflict (user_id) do nothing;

-- point-overdue
select user_id, sum(remaining)::bigint as amount from point.lots where user_id = any($1::bigint[]) and open and expires_at <= $2::timestamptz group by user_id;

-- point-refusals-insert
insert into point.refusals (user_id, key, content_hash, code, details, created_at) select *, $6::timestamptz from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[]);

-- point-refused
select r.user_id, r.key, r.content_hash, r.code, r.details from unnest($1::bigint[], $2::text[]) as k(user_id, key) cross join lateral ( select * from point.refusals as r where r.user_id = k.user_id and r.key = k.key limit 1) as r;

-- point-taken
select transaction_id, lot_id, amount from point.lot_moves where transaction_id = any(array( select unnest($1::bigint[]) union select h.transaction_id from unnest($2::bigint[], $3::text[]) as o(user_id, order_id) cross join lateral ( select * from point.holds as h where h.user_id = o.user_id and h.order_id = o.order_id limit 1) as h)) order by transaction_id, line;

-- policies-due
select p.id, p.name, p.store_id, p.status, p.valid_from, p.valid_until, p.version, p.max_issue_count from coupon.coupon_policies p where p.id = any(array( (select id from coupon.coupon_policies where status = 'PENDING' and valid_from <= $1::timestamptz order by valid_from limit $2) union (select id from coupon.coupon_policies where status <> 'ENDED' and valid_until <= $1::timestamptz order by valid_until limit $2))) and ((p.status = 'PENDING' and p.valid_from <= $1::timestamptz) or (p.status <> 'ENDED' and p.valid_until <= $1::timestamptz)) order by p.id limit $2 for no key update;

-- subscriptions-delete
delete from store.subscriptions as s using unnest($1::bigint[], $2::bigint[]) as old(user_id, id) where s.user_id = old.user_id and s.id = old.id;

-- subscriptions-insert
insert into store.subscriptions (type, target_id, user_id, id) select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]);

-- subscriptions-read
select s.type, s.target_id as "targetId", s.user_id as "userId", s.id from unnest($1::text[], $2::bigint[], $3::bigint[]) as asked(type, target_id, user_id) cross join lateral ( select * from store.subscriptions as s where s.type = asked.type and s.target_id >= asked.target_id and s.target_id <= asked.target_id and s.user_id = asked.user_id order by s.target_id limit 1) as s;

-- time
select clock_timestamp() as now;
