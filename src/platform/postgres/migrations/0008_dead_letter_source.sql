ALTER TABLE "platform"."dead_letters" ADD COLUMN "source" text GENERATED ALWAYS AS (case when event_id ~ '^([0-9a-f]{16}-)?[0-9]{1,19}:(0|[1-9][0-9]{0,8})$' then split_part(event_id, ':', 1) else event_id end) STORED;--> statement-breakpoint
CREATE INDEX "dead_letters_source" ON "platform"."dead_letters" USING btree ("consumer","source");--> statement-breakpoint
-- A process that had seen no event of ours yet kept the ids of other producers that are short numbers as indexes of the source ''.
INSERT INTO "platform"."inbox" ("consumer", "source", "seen", "handled_at")
SELECT consumer, index::text, '{[-1,0)}', handled_at
FROM "platform"."inbox", unnest(seen) AS range, generate_series(lower(range), upper(range) - 1) AS index
WHERE source = ''
ON CONFLICT (consumer, source) DO NOTHING;
--> statement-breakpoint
DELETE FROM "platform"."inbox" WHERE source = '';
