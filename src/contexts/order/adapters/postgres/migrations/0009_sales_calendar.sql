CREATE TABLE "orders"."sales_calendar" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"time_zone" text NOT NULL,
	CONSTRAINT "sales_calendar_one" CHECK ("orders"."sales_calendar"."one")
);
--> statement-breakpoint
-- Until now every day was one of Asia/Seoul.
INSERT INTO "orders"."sales_calendar" ("time_zone") SELECT 'Asia/Seoul' WHERE EXISTS (SELECT FROM "orders"."product_daily_sales");
