ALTER TABLE "orders"."payments" ADD COLUMN "reported_id" bigint;--> statement-breakpoint
CREATE UNIQUE INDEX "payments_reported_id" ON "orders"."payments" USING btree ("order_id","reported_id");