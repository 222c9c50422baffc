import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { webhookFixture } from '../../src/contexts/webhook/test/fixture.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

/** A lease of 30 s ends after half a second. */
const SPEED = 60;
const KILLS = 24;
const PROCESSES = 2;
const SUBJECTS = 40;
const EVENTS_A_KILL = 60;
const LIFE_MAX_MS = 500;
const SECRET = 'the secret of the senders';
/** Longer than a lease, by the senders' clock. */
const FROZEN_MS = 700;
/** Longer than a lease: one process believes that those of the others have ended. */
const WRONG_MS = 45_000;

interface Fault {
  /** What happens to a process before it is killed. */
  readonly freezes: boolean;
  /** By how much the clock of the second process is wrong. */
  readonly aheadMs: number;
}
const FAULTS: readonly (readonly [string, Fault])[] = [
  ['are killed', { freezes: false, aheadMs: 0 }],
  ['are frozen for longer than their leases, go on, and are killed', { freezes: true, aheadMs: 0 }],
  ['are killed and one has a clock that is wrong by more than a lease', { freezes: false, aheadMs: WRONG_MS }],
];

test.each(FAULTS)(
  'every event arrives at least once, and in order for each subject, when the processes that send %s',
  async (_, { freezes, aheadMs }) => {
    const directory = await mkdtemp(join(tmpdir(), 'stampede-webhook-senders-'));
    const program = join(directory, 'sender.cjs');
    await build({
      entryPoints: ['test/faults/webhook-sender-process.ts'],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      external: ['pg-native'],
      logLevel: 'error',
    });
    const on = await webhookFixture({ webhooks: { encryptionSecrets: [SECRET] } });
    // It stores; the processes send.
    await on.stop();
    const receiver = await startWebhookReceiver();
    // Some fail once, so that later ones of their subject have to wait.
    const failed = new Set<string>();
    receiver.react = ({ body: { eventId, data } }) => {
      if (Number(data['number']) % 17 !== 0 || failed.has(eventId)) return 200;
      failed.add(eventId);
      return 500;
    };
    const { id } = await on.add(receiver.url);
    const startedMs = Date.now();
    let published = 0;
    /** One batch after the other, as a consumer gets them. */
    let publishing: Promise<void> = Promise.resolve();
    const publish = (): Promise<void> => {
      publishing = publishing.then(() =>
        on.publish(
          ...Array.from({ length: EVENTS_A_KILL }, () => {
            const number = ++published;
            return { topic: 'coupon.issued', key: String(1 + (number % SUBJECTS)), data: { number: String(number) } };
          }),
        ),
      );
      return publishing;
    };
    const start = (ahead = 0): ChildProcess =>
      spawn(process.execPath, [program, on.url, SECRET, String(startedMs), String(SPEED), String(ahead)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    async function killAgain(times: number, ahead: number): Promise<void> {
      for (let killed = 0; killed < times; killed++) {
        await publish();
        const child = start(ahead);
        const ended = once(child, 'exit');
        if (child.stdout) await Promise.race([once(child.stdout, 'data'), ended]);
        await sleep(Math.random() * LIFE_MAX_MS);
        if (freezes) {
          child.kill('SIGSTOP');
          await sleep(FROZEN_MS);
          child.kill('SIGCONT');
          await sleep(Math.random() * LIFE_MAX_MS);
        }
        child.kill('SIGKILL');
        await ended;
      }
    }
    await Promise.all(Array.from({ length: PROCESSES }, (_, place) => killAgain(KILLS / PROCESSES, place * aheadMs)));
    const arrivedWhileKilling = receiver.received.length;
    const last = start();
    const waiting = async () => (await on.webhook(id)).waiting;
    for (const endMs = Date.now() + 60_000; Date.now() < endMs && (await waiting()) > 0; await sleep(100));
    last.kill('SIGKILL');

    const firsts = new Map<string, number[]>();
    for (const { body } of receiver.received) {
      const numbers = firsts.get(String(body.data['couponId'])) ?? [];
      const number = Number(body.data['number']);
      if (!numbers.includes(number)) numbers.push(number);
      firsts.set(String(body.data['couponId']), numbers);
    }
    const arrived = [...firsts.values()].flat();
    expect(await waiting()).toBe(0);
    expect(arrived.length).toBe(published);
    for (const numbers of firsts.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    // Else the kills met nothing.
    expect(arrivedWhileKilling).toBeGreaterThan(0);
    await on.close();
    await receiver.close();
    await rm(directory, { recursive: true });
  },
);
