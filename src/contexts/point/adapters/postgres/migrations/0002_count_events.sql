-- From now on the outbox counts events of points, for the audit (event-audit.ts). Those of older transactions were written without a
-- count.
INSERT INTO platform.published_events (topic, key, events)
SELECT topic, 'all', count(*) FROM (
  SELECT CASE
    WHEN type IN ('CHARGE', 'EARN') OR type = 'ADJUST' AND amount > 0 THEN 'point.earned'
    WHEN type IN ('USE', 'CAPTURE', 'ADJUST') THEN 'point.used'
    WHEN type = 'CANCEL' THEN 'point.cancelled'
    WHEN type = 'EXPIRE' THEN 'point.expired'
  END AS topic FROM point.transactions
) AS facts WHERE topic IS NOT NULL GROUP BY topic;
