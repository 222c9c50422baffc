-- By hand: ids were one space for all users. Those of checkouts are recognized by the order; who made the others is not known, and a machine
-- that names the user finds what the customer reserved.
UPDATE "coupon"."coupon_reservations"
SET "id" = CASE WHEN "id" = 'order:' || "order_id" THEN 'CHECKOUT' ELSE 'CUSTOMER' END || ':' || "user_id" || ':' || "id";--> statement-breakpoint
UPDATE "coupon"."coupon_issues"
SET "reservation_id" = CASE WHEN "reservation_id" = 'order:' || "order_id" THEN 'CHECKOUT' ELSE 'CUSTOMER' END || ':' || "user_id" || ':' || "reservation_id"
WHERE "reservation_id" IS NOT NULL;--> statement-breakpoint
UPDATE "coupon"."coupon_history" AS "h"
SET "reservation_id" = CASE WHEN "h"."reservation_id" = 'order:' || "h"."order_id" THEN 'CHECKOUT' ELSE 'CUSTOMER' END || ':' || "i"."user_id" || ':' || "h"."reservation_id"
FROM "coupon"."coupon_issues" AS "i"
WHERE "i"."id" = "h"."coupon_id" AND "h"."reservation_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "coupon_reservations_service" ON "coupon"."coupon_reservations" USING btree (substring("id" from '^[A-Z]+:[0-9]+:(.*)$')) WHERE "coupon"."coupon_reservations"."id" like 'SERVICE:%';