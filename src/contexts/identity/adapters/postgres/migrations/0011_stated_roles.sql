CREATE TABLE "identity"."stated_roles" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"stated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "stated_roles_role" CHECK ("identity"."stated_roles"."role" in ('OWNER', 'ADMIN'))
);
--> statement-breakpoint
CREATE INDEX "stated_roles_at" ON "identity"."stated_roles" USING btree ("stated_at");