-- The ledger: a correction is a transaction of its own.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON point.transactions
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON point.entries
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON point.lot_moves
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
