CREATE SCHEMA "store";
--> statement-breakpoint
CREATE TABLE "store"."store_staff" (
	"store_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	CONSTRAINT "store_staff_store_id_user_id_pk" PRIMARY KEY("store_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "store"."stores" (
	"id" bigint PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"name" text NOT NULL,
	"category" text NOT NULL,
	"description" text NOT NULL,
	"address" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"images" text[] NOT NULL,
	"opening_hours" jsonb NOT NULL,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "stores_status" CHECK ("store"."stores"."status" in ('PENDING', 'OPEN', 'CLOSED')),
	CONSTRAINT "stores_deleted" CHECK ("store"."stores"."deleted_at" is null or "store"."stores"."status" = 'CLOSED'),
	CONSTRAINT "stores_location" CHECK (("store"."stores"."latitude" is null) = ("store"."stores"."longitude" is null))
);
--> statement-breakpoint
ALTER TABLE "store"."store_staff" ADD CONSTRAINT "store_staff_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "store"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "store_staff_user" ON "store"."store_staff" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "stores_owner" ON "store"."stores" USING btree ("owner_id","id") WHERE "store"."stores"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "stores_open" ON "store"."stores" USING btree ("id") WHERE "store"."stores"."status" = 'OPEN';--> statement-breakpoint
CREATE INDEX "stores_category" ON "store"."stores" USING btree ("category","id") WHERE "store"."stores"."status" = 'OPEN';