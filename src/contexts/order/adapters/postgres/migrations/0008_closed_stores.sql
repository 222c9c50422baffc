CREATE TABLE "orders"."store_states" (
	"store_id" bigint PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"closed" boolean NOT NULL
);
--> statement-breakpoint
DROP INDEX "orders"."products_popular";--> statement-breakpoint
DROP INDEX "orders"."products_listed";--> statement-breakpoint
ALTER TABLE "orders"."products" ADD COLUMN "store_closed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "products_popular_shown" ON "orders"."products" USING btree ("sold","id") WHERE not "orders"."products"."hidden" and not "orders"."products"."store_closed";--> statement-breakpoint
CREATE INDEX "products_shown" ON "orders"."products" USING btree ("id") WHERE not "orders"."products"."hidden" and not "orders"."products"."store_closed";