CREATE TABLE "platform"."context_moves" (
	"context" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"other" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "context_moves_state" CHECK ("platform"."context_moves"."state" in ('ARRIVING', 'HERE', 'LEFT'))
);
