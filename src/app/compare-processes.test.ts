import { expect, it } from 'vitest';
import { StartError } from '../platform/kernel/start-error.ts';
import { compareProcesses } from './compare-processes.ts';

const OWN = ['CURRENCY:KRW', 'JWT_MAX_LIFETIME:3600', 'POINT_EARN_RATE_BP:100'];

/** Compares this process with others. Returns what was logged; rejects as `compareProcesses`. */
async function compareWith(...others: readonly (readonly string[])[]): Promise<string[]> {
  const logged: string[] = [];
  const pool = { query: async () => ({ rows: others.map((checks) => ({ checks })) }) };
  const log = { warn: (message: string) => void logged.push(message) };
  await compareProcesses(pool as never, 'this process', OWN, log as never);
  return logged;
}

it('each setting that may differ for a while is logged once, however many processes differ by it', async () => {
  const other = ['CURRENCY:KRW', 'JWT_MAX_LIFETIME:60', 'POINT_EARN_RATE_BP:7'];
  expect(await compareWith(other, other)).toEqual([
    expect.stringMatching(/^JWT_MAX_LIFETIME is 3600 here and 60 in another running process/),
    expect.stringMatching(/^POINT_EARN_RATE_BP is 100 here and 7 in another running process/),
  ]);
});

it('nothing is logged when all processes have the same settings', async () => {
  expect(await compareWith(OWN, OWN)).toEqual([]);
});

it('a setting that must not differ ends the start, and names no setting that may', async () => {
  const comparing = compareWith(['CURRENCY:USD', 'JWT_MAX_LIFETIME:60']);
  await expect(comparing).rejects.toThrow(StartError);
  await expect(comparing).rejects.toThrow(/^CURRENCY is KRW here and USD in another running process[^\n]*$/);
});
