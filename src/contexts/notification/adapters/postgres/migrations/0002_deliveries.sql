CREATE TABLE "notification"."mail_domains" (
	"domain" text PRIMARY KEY NOT NULL,
	"next_slot" timestamp (3) with time zone NOT NULL,
	"paused_until" timestamp (3) with time zone,
	"pauses" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
DROP INDEX "notification"."deliveries_due";--> statement-breakpoint
ALTER TABLE "notification"."deliveries" ADD COLUMN "digest" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "notification"."deliveries" ADD COLUMN "message_id" bigint;--> statement-breakpoint
ALTER TABLE "notification"."deliveries" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "notification"."deliveries" ADD COLUMN "finished_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "notification"."suppressions" DROP COLUMN "address";--> statement-breakpoint
ALTER TABLE "notification"."suppressions" ADD COLUMN "digest" text PRIMARY KEY NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_finished" ON "notification"."deliveries" USING btree ("finished_at") WHERE "notification"."deliveries"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "notification"."deliveries" USING btree ("channel","state","due_at") WHERE "notification"."deliveries"."state" in ('PENDING', 'SENDING');--> statement-breakpoint
ALTER TABLE "notification"."deliveries" DROP COLUMN "claimed_until";--> statement-breakpoint
ALTER TABLE "notification"."deliveries" ADD CONSTRAINT "deliveries_state" CHECK (state in ('PENDING', 'SENDING', 'SENT', 'UNKNOWN', 'FAILED', 'DROPPED'));