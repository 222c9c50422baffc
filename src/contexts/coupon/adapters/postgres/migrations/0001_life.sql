CREATE TABLE "coupon"."coupon_code_shapes" (
	"length" integer NOT NULL,
	"prefix" text NOT NULL,
	"symbols" text NOT NULL,
	CONSTRAINT "coupon_code_shapes_length_prefix_symbols_pk" PRIMARY KEY("length","prefix","symbols")
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_codes" (
	"code" text PRIMARY KEY NOT NULL,
	"policy_id" bigint NOT NULL,
	"shown" text NOT NULL,
	"job_id" bigint,
	"place" integer
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_history" (
	"coupon_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"policy_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"reason" text,
	"reservation_id" text,
	"order_id" text,
	"discount_amount" bigint,
	"changed_by" text,
	"note" text,
	"group_id" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "coupon_history_coupon_id_version_pk" PRIMARY KEY("coupon_id","version")
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_job_errors" (
	"job_id" bigint NOT NULL,
	"row" integer NOT NULL,
	"line" text NOT NULL,
	"code" text NOT NULL,
	CONSTRAINT "coupon_job_errors_job_id_row_pk" PRIMARY KEY("job_id","row")
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_job_input" (
	"job_id" bigint NOT NULL,
	"part" integer NOT NULL,
	"rows_before" integer NOT NULL,
	"lines" text[] NOT NULL,
	CONSTRAINT "coupon_job_input_job_id_part_pk" PRIMARY KEY("job_id","part")
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_jobs" (
	"id" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"policy_id" bigint NOT NULL,
	"created_by" bigint NOT NULL,
	"params" jsonb NOT NULL,
	"status" text NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"lease" uuid,
	"lease_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "coupon"."coupon_reservations" (
	"id" text PRIMARY KEY NOT NULL,
	"coupon_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"order_id" text,
	"order_amount" bigint NOT NULL,
	"discount_amount" bigint NOT NULL,
	"status" text DEFAULT 'PENDING' NOT NULL,
	"reserved_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"confirmation_failed" boolean DEFAULT false NOT NULL,
	CONSTRAINT "coupon_reservations_discount" CHECK ("coupon"."coupon_reservations"."discount_amount" between 0 and "coupon"."coupon_reservations"."order_amount")
);
--> statement-breakpoint
ALTER TABLE "coupon"."coupon_issues" ADD COLUMN "discount_amount" bigint;--> statement-breakpoint
ALTER TABLE "coupon"."coupon_issues" ADD COLUMN "event_id" text;--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_codes_place" ON "coupon"."coupon_codes" USING btree ("policy_id","job_id","place");--> statement-breakpoint
CREATE INDEX "coupon_history_time" ON "coupon"."coupon_history" USING btree ("policy_id","at");--> statement-breakpoint
CREATE INDEX "coupon_history_at" ON "coupon"."coupon_history" USING brin ("at") WITH (pages_per_range=32,autosummarize=true);--> statement-breakpoint
CREATE INDEX "coupon_jobs_waiting" ON "coupon"."coupon_jobs" USING btree ("id") WHERE "coupon"."coupon_jobs"."status" in ('QUEUED', 'RUNNING');--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_reservations_order" ON "coupon"."coupon_reservations" USING btree ("user_id","order_id") WHERE "coupon"."coupon_reservations"."status" in ('PENDING', 'CONFIRMED') and "coupon"."coupon_reservations"."order_id" is not null;--> statement-breakpoint
CREATE INDEX "coupon_reservations_orders" ON "coupon"."coupon_reservations" USING btree ("user_id","order_id") WHERE "coupon"."coupon_reservations"."order_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_reservations_holding" ON "coupon"."coupon_reservations" USING btree ("coupon_id") WHERE "coupon"."coupon_reservations"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "coupon_reservations_user" ON "coupon"."coupon_reservations" USING btree ("user_id") WHERE "coupon"."coupon_reservations"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "coupon_reservations_expiring" ON "coupon"."coupon_reservations" USING btree ("expires_at") WHERE "coupon"."coupon_reservations"."status" = 'PENDING';--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_issues_event" ON "coupon"."coupon_issues" USING btree ("policy_id","user_id","event_id") WHERE "coupon"."coupon_issues"."event_id" is not null;--> statement-breakpoint
CREATE INDEX "coupon_issues_expiring" ON "coupon"."coupon_issues" USING btree ("expires_at") WHERE "coupon"."coupon_issues"."status" = 'ISSUED';--> statement-breakpoint
CREATE INDEX "coupon_issues_issued" ON "coupon"."coupon_issues" USING brin ("issued_at") WITH (pages_per_range=32,autosummarize=true);--> statement-breakpoint
CREATE INDEX "coupon_policies_creator" ON "coupon"."coupon_policies" USING btree ("created_by","id");--> statement-breakpoint
CREATE INDEX "coupon_policies_opening" ON "coupon"."coupon_policies" USING btree ("valid_from") WHERE "coupon"."coupon_policies"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "coupon_policies_ending" ON "coupon"."coupon_policies" USING btree ("valid_until") WHERE "coupon"."coupon_policies"."status" <> 'ENDED';--> statement-breakpoint
CREATE INDEX "coupon_policies_trigger" ON "coupon"."coupon_policies" USING btree ("trigger_event_type") WHERE "coupon"."coupon_policies"."trigger_event_type" is not null;--> statement-breakpoint
-- By hand: codes of policies that were there before. The same form as normalizeCode's; of two that read alike the older one stays.
INSERT INTO "coupon"."coupon_codes" ("code", "policy_id", "shown")
SELECT translate(upper(regexp_replace("code", '[-_]', '', 'g')), 'ILO', '110'), "id", "code"
FROM "coupon"."coupon_policies" WHERE "code" IS NOT NULL ORDER BY "id"
ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "coupon"."coupon_code_shapes" ("length", "prefix", "symbols")
SELECT DISTINCT length("code"), left("code", 3), '' FROM "coupon"."coupon_codes";
