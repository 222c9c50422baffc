-- What was, stays: a correction is a row of its own.
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orders.order_history
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orders.refund_lines
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
--> statement-breakpoint
-- Rows that change often find room for their next version on their own page, so that no index has to be told.
ALTER TABLE orders.products SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE orders.time_sales SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE orders.orders SET (fillfactor = 60);
--> statement-breakpoint
ALTER TABLE orders.payments SET (fillfactor = 60);
