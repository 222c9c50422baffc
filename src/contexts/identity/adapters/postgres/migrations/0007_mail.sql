CREATE TABLE "identity"."mail_links" (
	"user_id" bigint NOT NULL,
	"purpose" text NOT NULL,
	"digest" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "mail_links_user_id_purpose_pk" PRIMARY KEY("user_id","purpose")
);
--> statement-breakpoint
CREATE TABLE "identity"."mails" (
	"id" bigint PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"kind" text NOT NULL,
	"language" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
-- Whoever has an account counts as verified. The default is evaluated once, so no row is written anew; later rows have none.
ALTER TABLE "identity"."users" ADD COLUMN "email_verified_at" timestamp (3) with time zone DEFAULT now();--> statement-breakpoint
ALTER TABLE "identity"."users" ALTER COLUMN "email_verified_at" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "identity"."mail_links" ADD CONSTRAINT "mail_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "identity"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "mail_links_digest" ON "identity"."mail_links" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "mail_links_expires" ON "identity"."mail_links" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "mails_due" ON "identity"."mails" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "mails_email" ON "identity"."mails" USING btree ("email","kind","id");