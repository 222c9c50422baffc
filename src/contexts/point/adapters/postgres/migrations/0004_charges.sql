CREATE TABLE "point"."charge_refunds" (
	"id" bigint PRIMARY KEY NOT NULL,
	"charge_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"reference" text NOT NULL,
	"payment_id" bigint NOT NULL,
	"provider_ref" text,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone,
	"resume_at" timestamp (3) with time zone,
	"attempts" smallint NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "charge_refunds_amount" CHECK ("point"."charge_refunds"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "point"."charges" (
	"id" bigint PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"key" text NOT NULL,
	"content_hash" text NOT NULL,
	"status" text NOT NULL,
	"step" text,
	"transaction_id" bigint,
	"balance" bigint,
	"refusal_code" text,
	"refusal_details" jsonb,
	"provider_ref" text,
	"provider_url" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	"resume_at" timestamp (3) with time zone,
	"attempts" smallint NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "charges_amount" CHECK ("point"."charges"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "point"."accounts" ADD COLUMN "charging" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "charge_refunds_payment" ON "point"."charge_refunds" USING btree ("charge_id","reference");--> statement-breakpoint
CREATE INDEX "charge_refunds_due" ON "point"."charge_refunds" USING btree ("resume_at") WHERE "point"."charge_refunds"."resume_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "charges_key" ON "point"."charges" USING btree ("user_id","key");--> statement-breakpoint
CREATE INDEX "charges_open" ON "point"."charges" USING btree ("user_id","id") WHERE "point"."charges"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "charges_due" ON "point"."charges" USING btree ("resume_at") WHERE "point"."charges"."resume_at" is not null;--> statement-breakpoint
ALTER TABLE "point"."accounts" ADD CONSTRAINT "accounts_charging" CHECK ("point"."accounts"."charging" >= 0);