ALTER TABLE "platform"."inbox" RENAME TO "inbox_by_event";--> statement-breakpoint
ALTER INDEX "platform"."inbox_handled_at" RENAME TO "inbox_by_event_handled_at";--> statement-breakpoint
CREATE TABLE "platform"."inbox" (
	"consumer" text NOT NULL,
	"source" text NOT NULL,
	"seen" int4multirange NOT NULL,
	"claimed" int4multirange,
	"handled_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_source_pk" PRIMARY KEY("consumer","source")
);
--> statement-breakpoint
-- An event of ours is `<outbox row>:<index>`; others' ids are kept whole, at index -1. As in inbox.ts.
INSERT INTO "platform"."inbox" ("consumer", "source", "seen", "handled_at")
SELECT consumer, source, range_agg(int4range(index, index + 1)), max(handled_at)
FROM (
	SELECT consumer, coalesce(ours[1], event_id) AS source, coalesce(ours[2]::int, -1) AS index, handled_at
	FROM "platform"."inbox_by_event", LATERAL (SELECT regexp_match(event_id, '^(\d{1,19}):(0|[1-9]\d{0,8})$') AS ours) AS id
) AS handled
GROUP BY consumer, source;
--> statement-breakpoint
DROP TABLE "platform"."inbox_by_event";--> statement-breakpoint
CREATE INDEX "inbox_handled_at" ON "platform"."inbox" USING btree ("handled_at");--> statement-breakpoint
ALTER TABLE "platform"."dead_letters" ADD COLUMN "replay_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "dead_letters_replay" ON "platform"."dead_letters" USING btree ("replay_at") WHERE "platform"."dead_letters"."replay_at" is not null;
