import { afterAll, describe, expect, test } from 'vitest';
import type { Mailpit } from '../../tools/mailpit/start.ts';
import { testMailpit } from '../support/mail.ts';
import { killSenders } from './mail-kills.ts';

const mailpit = await testMailpit();
describe.skipIf(mailpit === undefined)('processes that send mails and are killed', () => {
  afterAll(() => mailpit?.kill());

  test('no reminder arrives twice, and the mail of each order arrives', async () => {
    const report = await killSenders(mailpit as Mailpit, 24);
    expect(report.twice.reminders).toEqual([]);
    expect(report.missing).toBe(0);
    expect(report.arrived.reminders).toBeGreaterThan(0);
  });
});
