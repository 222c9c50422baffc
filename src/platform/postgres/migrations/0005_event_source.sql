CREATE TABLE "platform"."event_source" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"source" text NOT NULL,
	"bare_until" bigint NOT NULL,
	CONSTRAINT "event_source_one" CHECK ("platform"."event_source"."one"),
	CONSTRAINT "event_source_source" CHECK ("platform"."event_source"."source" ~ '^[0-9a-f]{16}$')
);
--> statement-breakpoint
-- Two UUIDs, because some bits of one are fixed. Rows of the outbox that are still there may have been published already, under
-- the ids of that time.
INSERT INTO "platform"."event_source" ("source", "bare_until")
SELECT left(gen_random_uuid()::text, 8) || left(gen_random_uuid()::text, 8), coalesce(max("id"), 0) FROM "platform"."outbox";
