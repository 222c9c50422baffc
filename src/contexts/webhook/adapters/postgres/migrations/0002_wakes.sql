DROP INDEX "webhook"."deliveries_subject";--> statement-breakpoint
ALTER TABLE "webhook"."endpoints" ADD COLUMN "wakes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "deliveries_subject" ON "webhook"."deliveries" USING btree ("endpoint_id","subject","id") WHERE "webhook"."deliveries"."finished_at" is null;