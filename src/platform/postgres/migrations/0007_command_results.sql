CREATE TABLE "platform"."command_results" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"result" "bytea" NOT NULL,
	"expires_at" timestamp with time zone DEFAULT now() + interval '24 hours' NOT NULL,
	CONSTRAINT "command_results_pkey" PRIMARY KEY("scope","key")
);
--> statement-breakpoint
CREATE INDEX "command_results_expires_at" ON "platform"."command_results" USING btree ("expires_at");