CREATE SCHEMA "statistics";
--> statement-breakpoint
CREATE TABLE "statistics"."hourly" (
	"policy_id" bigint NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"day" date NOT NULL,
	"hour" smallint NOT NULL,
	"store_id" bigint,
	"issued" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"used" bigint NOT NULL,
	"released" bigint NOT NULL,
	"cancelled" bigint NOT NULL,
	"expired" bigint NOT NULL,
	"restored" bigint NOT NULL,
	"discount_amount" bigint NOT NULL,
	"closed" boolean NOT NULL,
	CONSTRAINT "hourly_policy_id_starts_at_pk" PRIMARY KEY("policy_id","starts_at")
);
--> statement-breakpoint
CREATE TABLE "statistics"."recounts" (
	"name" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "hourly_day" ON "statistics"."hourly" USING btree ("day","policy_id");--> statement-breakpoint
CREATE INDEX "hourly_store" ON "statistics"."hourly" USING btree ("store_id","day","policy_id") WHERE "statistics"."hourly"."store_id" is not null;