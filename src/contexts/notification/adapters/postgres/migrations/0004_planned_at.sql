DROP INDEX "notification"."deliveries_due";--> statement-breakpoint
ALTER TABLE "notification"."deliveries" ADD COLUMN "planned_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "notification"."deliveries" USING btree ("channel","state","due_at","planned_at") WHERE "notification"."deliveries"."state" in ('PENDING', 'SENDING');