ALTER TABLE "orders"."order_lines" ADD COLUMN "store_id" bigint;--> statement-breakpoint
-- Before this migration no store exists, so the ids that products have name none. Such a product becomes the platform's.
UPDATE "orders"."products" SET "store_id" = NULL WHERE "store_id" IS NOT NULL;
