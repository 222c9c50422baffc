ALTER TABLE "orders"."time_sales" DROP CONSTRAINT "time_sales_times";--> statement-breakpoint
-- A node of the former version may create time sales until it is replaced: they get the highest limit that there is.
ALTER TABLE "orders"."time_sales" ADD COLUMN "limit_highest" integer DEFAULT 1000 NOT NULL;--> statement-breakpoint
UPDATE "orders"."time_sales" SET "limit_highest" = "limit_per_user";--> statement-breakpoint
ALTER TABLE "orders"."time_sales" ADD CONSTRAINT "time_sales_times" CHECK ("orders"."time_sales"."starts_at" <= "orders"."time_sales"."ends_at");
