DROP INDEX "identity"."users_privileged";--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "status" text DEFAULT 'ACTIVE' NOT NULL;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "role_changed_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "identity"."users" SET "role_changed_at" = "created_at" WHERE "role" <> 'CUSTOMER';--> statement-breakpoint
CREATE INDEX "users_role_changed" ON "identity"."users" USING btree ("role_changed_at") WHERE "identity"."users"."role_changed_at" is not null;--> statement-breakpoint
CREATE INDEX "users_by_role" ON "identity"."users" USING btree ("role","id") WHERE "identity"."users"."role" <> 'CUSTOMER';--> statement-breakpoint
ALTER TABLE "identity"."users" ADD CONSTRAINT "users_status" CHECK ("identity"."users"."status" in ('ACTIVE', 'LOCKED', 'DELETED'));