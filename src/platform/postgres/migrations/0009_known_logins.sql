CREATE TABLE "platform"."known_logins" (
	"digest" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "known_logins_expires_at" ON "platform"."known_logins" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "rate_limits_expire" ON "platform"."rate_limits" USING btree ("expire");