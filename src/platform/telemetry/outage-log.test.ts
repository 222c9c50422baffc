import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { outageLog } from './outage-log.ts';

const REFUSED = new Error('connect ECONNREFUSED');

function setUp(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(level, { write: (line: string) => lines.push(JSON.parse(line)) });
  let ms = 0;
  const outage = outageLog({ log, message: 'it fails', over: 'it works again', subject: 'orderId', nowMs: () => ms });
  return {
    outage,
    logged: () => lines.map(({ msg, failures, lastedSeconds }) => ({ msg, failures, lastedSeconds })),
    lines,
    /** Fails once a second. */
    failFor(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        outage.failed(REFUSED, { group: 'a' });
        ms += 1_000;
      }
    },
    pass(seconds: number) {
      ms += seconds * 1_000;
    },
  };
}

describe('the log of outages', () => {
  it('the log of outages writes the begin of an outage, a line a minute with the count of failures, and the end', () => {
    const { outage, failFor, logged, lines } = setUp();
    outage.succeeded();
    failFor(150);
    outage.succeeded();
    outage.succeeded();
    expect(logged()).toEqual([
      { msg: 'it fails' },
      { msg: 'it fails', failures: 60 },
      { msg: 'it fails', failures: 60 },
      { msg: 'it works again', failures: 29, lastedSeconds: 150 },
    ]);
    expect(lines[0]).toMatchObject({ level: 40, group: 'a', err: { message: REFUSED.message } });
  });

  it('the log of outages writes no more for work that fails and succeeds in turn', () => {
    const { outage, failFor, logged } = setUp();
    for (let turn = 0; turn < 90; turn++) {
      failFor(1);
      outage.succeeded();
    }
    expect(logged()).toEqual([
      { msg: 'it fails' },
      { msg: 'it works again', lastedSeconds: 1 },
      { msg: 'it fails', failures: 60 },
      { msg: 'it works again', lastedSeconds: 1 },
    ]);
  });

  it('the log of outages writes a later outage at once', () => {
    const { outage, failFor, pass, logged } = setUp();
    failFor(1);
    outage.succeeded();
    pass(60);
    failFor(1);
    expect(logged().at(-1)).toEqual({ msg: 'it fails' });
    expect(logged()).toHaveLength(3);
  });

  it('the log of outages writes a line a minute for each of 20 subjects', () => {
    const { outage, pass, lines } = setUp();
    for (let half = 0; half < 4; half++) {
      outage.failed(REFUSED, { orderId: half % 2 === 0 ? 'stuck' : 'other' });
      pass(30);
    }
    expect(lines.map(({ orderId }) => orderId)).toEqual(['stuck', 'other', 'stuck', 'other']);
    pass(60);
    for (let order = 0; order < 50; order++) outage.failed(REFUSED, { orderId: `order ${order}` });
    expect(lines).toHaveLength(4 + 20);
  });

  it('the log of outages writes every failure at the level debug', () => {
    const { failFor, logged } = setUp('debug');
    failFor(5);
    expect(logged()).toHaveLength(5);
  });
});
