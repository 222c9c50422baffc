ALTER TABLE "store"."stores" ADD COLUMN "image_files" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "stores_image_files" ON "store"."stores" USING gin ("image_files");