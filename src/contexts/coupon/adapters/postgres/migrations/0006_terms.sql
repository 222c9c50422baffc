CREATE TABLE "coupon"."coupon_policy_terms" (
	"policy_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"discount_type" text NOT NULL,
	"discount_value" bigint NOT NULL,
	"minimum_order_amount" bigint NOT NULL,
	"max_discount_amount" bigint,
	"eligible_store_id" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "coupon_policy_terms_policy_id_version_pk" PRIMARY KEY("policy_id","version")
);
--> statement-breakpoint
ALTER TABLE "coupon"."coupon_issues" ADD COLUMN "terms_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "coupon"."coupon_policies" ADD COLUMN "terms_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "coupon"."coupon_policies" ADD COLUMN "terms_floor" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX "coupon_issues_used_order" ON "coupon"."coupon_issues" USING btree ("user_id","order_id") WHERE "coupon"."coupon_issues"."order_id" is not null and "coupon"."coupon_issues"."reservation_id" is null;--> statement-breakpoint
ALTER TABLE "coupon"."coupon_policies" ADD CONSTRAINT "coupon_policies_terms" CHECK ("coupon"."coupon_policies"."terms_floor" between 1 and "coupon"."coupon_policies"."terms_version");--> statement-breakpoint
-- By hand: what coupons that were issued before have are the present terms of their policies.
INSERT INTO "coupon"."coupon_policy_terms"
  ("policy_id", "version", "discount_type", "discount_value", "minimum_order_amount", "max_discount_amount", "eligible_store_id", "created_at")
SELECT "id", 1, "discount_type", "discount_value", "minimum_order_amount", "max_discount_amount", "store_id", "updated_at"
FROM "coupon"."coupon_policies";
