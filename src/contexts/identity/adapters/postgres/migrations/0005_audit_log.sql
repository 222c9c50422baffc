CREATE TABLE "identity"."audit_log" (
	"id" bigint PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"role" text NOT NULL,
	"operation" text NOT NULL,
	"request_id" text NOT NULL,
	"subject" text,
	"fields" text[] NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "identity"."audit_log" USING btree ("actor","id");--> statement-breakpoint
CREATE INDEX "audit_log_subject" ON "identity"."audit_log" USING btree ("subject","id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "identity"."audit_log" USING btree ("at");--> statement-breakpoint
-- What was done is not changed afterwards, not with the program's login either.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identity.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
