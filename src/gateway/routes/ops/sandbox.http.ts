import { z } from 'zod';
import type { CommandKey } from '../../../platform/kernel/contract.ts';
import type { Moved } from '../../../platform/sandbox/adjustable-clock.ts';
import { ProblemError } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { EmptyBody, Instant, InstantText } from '../../server/schemas.ts';

/** The adjustable time of the sandbox, and the work that otherwise waits for its time. */
export interface Sandbox {
  now(): number;
  aheadMs(): number;
  advance(ms: number, commandKey: CommandKey | undefined): Promise<Moved>;
  /** Moves the time of every context to at least that of the gateway. A repeat changes nothing. Returns the contexts that did not follow. */
  moveContexts(): Promise<readonly string[]>;
  /** Runs all scheduled tasks now. Returns how many things each processed. */
  runJobs(): Promise<Readonly<Record<string, number>>>;
  /** Resolves when the events that were committed before the call have been handled. */
  waitForEvents(): Promise<void>;
}

const ADVANCE_MAX_SECONDS = 3_650 * 86_400;
const MoveBody = z.union([
  z.strictObject({ advanceSeconds: z.int().min(1).max(ADVANCE_MAX_SECONDS) }).meta({ id: 'SandboxClockAdvance' }),
  z.strictObject({ now: Instant }).meta({ id: 'SandboxClockTime' }),
]);
const ClockView = z
  .strictObject({
    now: InstantText,
    aheadSeconds: z.number().meta({ description: 'Seconds ahead of real time' }),
  })
  .meta({ id: 'SandboxClock' });
const Ran = z.record(z.string(), z.int());
const MovedView = z
  .strictObject({
    ...ClockView.shape,
    ran: Ran.meta({ description: 'The number of items that each task processed at the new time' }),
  })
  .meta({ id: 'MovedSandboxClock' });
const JobsView = z
  .strictObject({ ran: Ran.meta({ description: 'The number of items that each task processed' }) })
  .meta({ id: 'SandboxJobs' });
const CLOCK_EXAMPLE = { now: '2035-01-02T00:00:00.000Z', aheadSeconds: 86_400 };

/** Served when STAMPEDE_SANDBOX is on. */
export const sandboxRoutes = ({ sandbox }: { readonly sandbox: Sandbox | undefined }): readonly Route[] =>
  sandbox === undefined ? [] : routesOf(sandbox);

const routesOf = (sandbox: Sandbox): readonly Route[] => [
  route({
    id: 'getSandboxClock',
    tag: 'sandbox',
    method: 'GET',
    paths: ['/api/v1/sandbox/clock'],
    summary: 'Read the time of the sandbox',
    access: ['ADMIN'],
    scope: 'admin',
    status: 200,
    response: { schema: ClockView, example: CLOCK_EXAMPLE },
    handle: () => clockJson({ nowMs: sandbox.now(), aheadMs: sandbox.aheadMs() }),
  }),
  route({
    id: 'moveSandboxClock',
    tag: 'sandbox',
    method: 'POST',
    paths: ['/api/v1/sandbox/clock'],
    summary: 'Move the time forward and run the due tasks',
    description:
      'The clock of policies, coupons, points, time sales, orders and statistics on every node. Log-ins, access ' +
      'tokens, limits and idempotency keys use real time. In a replay `ran` contains what this request did.',
    access: ['ADMIN'],
    scope: 'admin',
    status: 200,
    bodyExample: { advanceSeconds: 86_400 },
    response: { schema: MovedView, example: { ...CLOCK_EXAMPLE, ran: { 'coupon.expire-coupons': 12 } } },
    idempotent: true,
    refusals: ['SANDBOX_INCOMPLETE'],
    body: MoveBody,
    async handle({ call, body }) {
      const byMs = 'now' in body ? body.now.getTime() - sandbox.now() : body.advanceSeconds * 1_000;
      if (byMs > ADVANCE_MAX_SECONDS * 1_000) throw outOfRange();
      // A repeat of a move to an absolute time finds that it has passed.
      const moved = await sandbox.advance(Math.ceil(byMs), call.takeCommandKey()).catch((error) => {
        throw error instanceof RangeError ? outOfRange() : error;
      });
      if (moved.outcome) throw new ProblemError(moved.outcome.value);
      await moveContexts(sandbox);
      call.noteReplay(moved);
      return { ...clockJson(moved), ran: await sandbox.runJobs() };
    },
  }),
  route({
    id: 'runSandboxJobs',
    tag: 'sandbox',
    method: 'POST',
    paths: ['/api/v1/sandbox/jobs'],
    summary: 'Run the scheduled tasks now and wait for events',
    description:
      'Waits until the consumers have handled the events that were written before the request, runs every scheduled task, and waits for ' +
      'their events. The tasks do nothing that they would not do by themselves later, so the request takes no Idempotency-Key. 503 when ' +
      'an event cannot be handled within 30 s.',
    access: ['ADMIN'],
    scope: 'admin',
    status: 200,
    bodyExample: {},
    body: EmptyBody,
    refusals: ['SANDBOX_INCOMPLETE'],
    response: { schema: JobsView, example: { ran: { 'coupon.expire-coupons': 12 } } },
    async handle() {
      // A context whose process was away when the time moved follows here.
      await moveContexts(sandbox);
      await sandbox.waitForEvents();
      const ran = await sandbox.runJobs();
      await sandbox.waitForEvents();
      return { ran };
    },
  }),
];

async function moveContexts(sandbox: Sandbox): Promise<void> {
  const behind = await sandbox.moveContexts();
  if (behind.length === 0) return;
  throw new ProblemError('SANDBOX_INCOMPLETE', { details: { contexts: behind.join(', ') }, retryAfterSeconds: 1 });
}

const clockJson = ({ nowMs, aheadMs }: Pick<Moved, 'nowMs' | 'aheadMs'>): z.input<typeof ClockView> => ({
  now: new Date(nowMs).toISOString(),
  aheadSeconds: aheadMs / 1_000,
});

function outOfRange(): ProblemError {
  const message = 'must be later than now, by ten years at most';
  return new ProblemError('VALIDATION_FAILED', { errors: [{ field: 'now', code: 'OUT_OF_RANGE', message }] });
}
