ALTER TABLE "point"."accounts" ADD COLUMN "receivable" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "point"."lots" ADD COLUMN "expired" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "point"."transactions" ADD COLUMN "receivable" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "point"."accounts" ADD CONSTRAINT "accounts_receivable" CHECK ("point"."accounts"."receivable" >= 0);--> statement-breakpoint
-- Of the lots from before this migration, what their moves say.
UPDATE point.lots AS l SET expired = m.amount FROM (
  SELECT m.lot_id, -sum(m.amount)::bigint AS amount FROM point.lot_moves AS m
    JOIN point.transactions AS t ON t.id = m.transaction_id WHERE t.type = 'EXPIRE' GROUP BY m.lot_id
) AS m WHERE l.id = m.lot_id;
