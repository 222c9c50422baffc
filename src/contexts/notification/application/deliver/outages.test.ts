import { pino } from 'pino';
import { expect, test } from 'vitest';
import { channelOutageLog } from './outages.ts';
import type { DeliveryOutcome } from './ports.ts';

const AWAY: DeliveryOutcome = { state: 'PENDING', reason: 'ESOCKET CONN', dueAt: new Date(0) };
const SENT: DeliveryOutcome = { state: 'SENT' };
const BEGINS = 'EMAIL notices do not leave; they are tried again';
const ENDS = 'EMAIL notices leave again';

function observed() {
  const lines: string[] = [];
  const write = (line: string) => {
    const { channel, msg } = JSON.parse(line);
    lines.push(`${channel} ${msg}`);
  };
  let nowMs = 0;
  const onOutcome = channelOutageLog('EMAIL', pino({}, { write }), () => nowMs);
  return { lines, onOutcome, advance: (ms: number) => (nowMs += ms) };
}

test('an outage is logged when it begins and when it ends, and not for each message', () => {
  const { lines, onOutcome } = observed();
  for (const outcome of [SENT, AWAY, AWAY, { state: 'UNKNOWN', reason: 'ETIMEDOUT' } as const, SENT, SENT])
    onOutcome(outcome);
  expect(lines).toEqual([BEGINS, ENDS]);
});

test('servers of which some are away are logged once a minute', () => {
  const { lines, onOutcome, advance } = observed();
  for (let message = 0; message < 10; message++) {
    onOutcome(AWAY);
    onOutcome(SENT);
  }
  expect(lines).toEqual([BEGINS, ENDS]);
  advance(60_000);
  onOutcome(AWAY);
  expect(lines).toEqual([BEGINS, ENDS, BEGINS]);
});

test.each<DeliveryOutcome>([
  { state: 'PENDING', reason: 'RATE', dueAt: new Date(0) },
  { state: 'PENDING', reason: 'QUIET', dueAt: new Date(0) },
  { state: 'PENDING', reason: 'EENVELOPE 452 RCPT TO', dueAt: new Date(0) },
  { state: 'PENDING', reason: 'STATUS_429', dueAt: new Date(0) },
  { state: 'FAILED', reason: 'UNWRITABLE' },
  { state: 'DROPPED', reason: 'SUPPRESSED' },
])('a message that waits or is refused is no outage: %o', (outcome) => {
  const { lines, onOutcome } = observed();
  onOutcome(outcome);
  expect(lines).toEqual([]);
});
