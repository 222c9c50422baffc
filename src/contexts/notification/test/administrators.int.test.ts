import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WebhookEvents } from '../../webhook/api.ts';
import { onAdministratorEvents } from '../application/on-administrator-events.ts';
import { type NotificationFixture, notificationFixture } from './fixture.ts';
import { eventOf } from './notice-events.ts';

let on: NotificationFixture;
beforeAll(async () => {
  on = await notificationFixture();
});
afterAll(() => on.close());

const example: WebhookEvents['webhook.disabled'] = {
  webhookId: '7330011234568000',
  auditId: '7330011234567899',
  origin: 'https://shop.example.com',
  reason: 'GONE',
  disabledAt: '2026-01-01T00:00:00.000Z',
};
const disabled = (auditId: string, changes = {}) =>
  eventOf('webhook.disabled', { ...example, ...changes, auditId }) as unknown as Parameters<
    ReturnType<typeof consumerFor>
  >[0][number];

/** The consumer, with the administrators that identity lists. Undefined: it is away. */
const consumerFor = (userIds: readonly bigint[] | undefined) =>
  onAdministratorEvents({
    intake: on.intake,
    identity: {
      async listAdministrators() {
        if (userIds === undefined) throw new Error('identity is away');
        return { userIds };
      },
    },
    onStored: () => {},
  });

test('each administrator has one notice for each time that a webhook was disabled, also on one day', async () => {
  const consume = consumerFor([1n, 2n]);
  const [first, second] = [disabled('101'), disabled('102', { reason: 'BACKLOG' })];
  await consume([first, second]);
  await on.write();
  await consume([second, first]);
  // The same disabling by another event, as after a replay from a backup.
  await consume([disabled('101')]);
  await on.write();
  for (const userId of [1, 2]) {
    const { notices } = await on.inboxOf(userId);
    expect(notices.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['WEBHOOK_DISABLED', '102'],
      ['WEBHOOK_DISABLED', '101'],
    ]);
    expect(notices[1]).toMatchObject({
      title: 'A webhook was disabled',
      body: expect.stringContaining('https://shop.example.com · its receiver responded with 410'),
      path: `/webhooks/${example.webhookId}`,
    });
  }
  expect((await on.inboxOf(3)).notices).toEqual([]);
});

test('an event waits while identity is away, and makes its notices later', async () => {
  const event = disabled('103');
  await expect(consumerFor(undefined)([event])).rejects.toThrow('identity is away');
  await on.write();
  expect((await on.inboxOf(4)).notices).toEqual([]);
  await consumerFor([4n])([event]);
  await on.write();
  expect((await on.inboxOf(4)).notices).toMatchObject([{ subject: '103' }]);
});
