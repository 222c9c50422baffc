CREATE TABLE "coupon"."closed_stores" (
	"store_id" bigint PRIMARY KEY NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
DROP INDEX "coupon"."coupon_policies_creator";--> statement-breakpoint
ALTER TABLE "coupon"."coupon_policies" ADD COLUMN "store_version" integer;--> statement-breakpoint
-- Before this migration no store exists, so the ids that policies have name none. Such a policy becomes the platform's: administrators manage
-- it, and its coupons discount whole orders as before.
UPDATE "coupon"."coupon_policies" SET "store_id" = NULL WHERE "store_id" IS NOT NULL;
