CREATE TABLE "identity"."consent_changes" (
	"user_id" bigint NOT NULL,
	"given" boolean NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"source" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "marketing_consent_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "marketing_consent_source" text;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "marketing_consent_confirmed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "language" text DEFAULT 'en' NOT NULL;--> statement-breakpoint
CREATE INDEX "consent_changes_user" ON "identity"."consent_changes" USING btree ("user_id","at");--> statement-breakpoint
CREATE INDEX "users_consent_confirmed" ON "identity"."users" USING btree ("marketing_consent_confirmed_at") WHERE "identity"."users"."marketing_consent";--> statement-breakpoint
-- Consents of before: given at the sign-up at the earliest, so their first notice is not late.
UPDATE "identity"."users" SET "marketing_consent_at" = "created_at", "marketing_consent_source" = 'UNKNOWN', "marketing_consent_confirmed_at" = "created_at"
  WHERE "marketing_consent";--> statement-breakpoint
INSERT INTO "identity"."consent_changes" ("user_id", "given", "at", "source")
  SELECT "id", true, "created_at", 'UNKNOWN' FROM "identity"."users" WHERE "marketing_consent";--> statement-breakpoint
-- Who consented is not changed afterwards, not with the program's login either.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identity.consent_changes
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
