CREATE SCHEMA "coupon";
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_issues" (
	"id" bigint PRIMARY KEY NOT NULL,
	"policy_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"sequence_no" integer NOT NULL,
	"slot" integer,
	"version" integer DEFAULT 1 NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"reserved_at" timestamp (3) with time zone,
	"returned" boolean DEFAULT false NOT NULL,
	"status" text DEFAULT 'ISSUED' NOT NULL,
	"code" text,
	"reservation_id" text,
	"order_id" text
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_policies" (
	"id" bigint PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"code" text,
	"discount_type" text NOT NULL,
	"discount_value" bigint NOT NULL,
	"minimum_order_amount" bigint NOT NULL,
	"max_discount_amount" bigint,
	"distribution_type" text NOT NULL,
	"max_issue_count" integer,
	"max_issue_per_user" integer NOT NULL,
	"valid_days" integer,
	"expire_at" timestamp (3) with time zone,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone NOT NULL,
	"store_id" bigint,
	"timezone" text NOT NULL,
	"trigger_event_type" text,
	"restore_on_refund" boolean NOT NULL,
	"status" text NOT NULL,
	"current_issue_count" integer DEFAULT 0 NOT NULL,
	"last_sequence_no" integer DEFAULT 0 NOT NULL,
	"refusal_epoch" integer DEFAULT 0 NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_by" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "coupon_policies_count" CHECK ("coupon"."coupon_policies"."current_issue_count" between 0 and coalesce("coupon"."coupon_policies"."max_issue_count", 2147483647)),
	CONSTRAINT "coupon_policies_sequence" CHECK ("coupon"."coupon_policies"."last_sequence_no" >= "coupon"."coupon_policies"."current_issue_count")
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_policy_changes" (
	"id" bigint PRIMARY KEY NOT NULL,
	"policy_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"changed_by" text NOT NULL,
	"reason" text NOT NULL,
	"version" integer NOT NULL,
	"max_issue_count" integer,
	"status" text NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_issues_sequence" ON "coupon"."coupon_issues" USING btree ("policy_id","sequence_no");--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_issues_holding" ON "coupon"."coupon_issues" USING btree ("user_id","policy_id","slot");--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_issues_code" ON "coupon"."coupon_issues" USING btree ("code") WHERE "coupon"."coupon_issues"."code" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_policies_code" ON "coupon"."coupon_policies" USING btree ("code");--> statement-breakpoint
CREATE INDEX "coupon_policies_store" ON "coupon"."coupon_policies" USING btree ("store_id","id");--> statement-breakpoint
CREATE INDEX "coupon_policy_changes_policy" ON "coupon"."coupon_policy_changes" USING btree ("policy_id","id");--> statement-breakpoint
-- Every group of issues updates its policies' rows: room on the page lets PostgreSQL do that without touching an index.
ALTER TABLE "coupon"."coupon_policies" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);--> statement-breakpoint
-- A coupon is updated two or three times in its life.
ALTER TABLE "coupon"."coupon_issues" SET (fillfactor = 90);
