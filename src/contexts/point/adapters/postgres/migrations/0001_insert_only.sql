-- The ledger: a correction is a transaction of its own.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON point.transactions
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON point.entries
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON point.lot_moves
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
-- Rows that change often find room for their next version on their own page, so that no index has to be told.
ALTER TABLE point.accounts SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE point.lots SET (fillfactor = 80);
