CREATE TABLE "identity"."external_logouts" (
	"id" bigint PRIMARY KEY NOT NULL,
	"issuer" text NOT NULL,
	"sid" text,
	"subject" text,
	"at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "external_logouts_ended" CHECK (("identity"."external_logouts"."sid" is null) <> ("identity"."external_logouts"."subject" is null))
);
--> statement-breakpoint
ALTER TABLE "identity"."users" ALTER COLUMN "email" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "issuer" text;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "subject" text;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "status_changed_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "external_logouts_received" ON "identity"."external_logouts" USING btree ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_external" ON "identity"."users" USING btree ("issuer","subject") WHERE "identity"."users"."issuer" is not null;--> statement-breakpoint
CREATE INDEX "users_blocked" ON "identity"."users" USING btree ("id") WHERE "identity"."users"."status" <> 'ACTIVE';--> statement-breakpoint
CREATE INDEX "users_status_changed" ON "identity"."users" USING btree ("status_changed_at") WHERE "identity"."users"."status_changed_at" is not null;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD CONSTRAINT "users_origin" CHECK (("identity"."users"."issuer" is null) = ("identity"."users"."subject" is null) and ("identity"."users"."email" is null) = ("identity"."users"."issuer" is not null));