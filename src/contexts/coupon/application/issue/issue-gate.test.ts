import { expect, it } from 'vitest';
import { at } from '../../../../../test/support/moments.ts';
import { issuable, NOW_MS } from '../../test/policies.ts';
import { askGate } from './issue-gate.ts';

it.each([
  ['FIRST_COME', 'shared'],
  ['DOWNLOAD', 'shared'],
  ['CODE', 'not shared'],
  ['EVENT', 'not shared'],
  ['DIRECT', 'not shared'],
] as const)(
  'a sold-out policy of type %s is %s, because facts refuse requests of customers',
  async (distributionType, result) => {
    const recorded: bigint[] = [];
    const ask = askGate(
      {
        holdersMax: 10,
        read: async () => ({ at: NOW_MS, soldOut: undefined }),
        async record({ policy }) {
          recorded.push(policy.id);
          return 'complete';
        },
        forget: async () => {},
      },
      { hasFresh: () => false, holdersAt: () => undefined },
    );
    const soldOut = issuable({ distributionType, issuedCount: 10, lastSequenceNo: 10, status: 'EXHAUSTED' });
    const command = { policyId: soldOut.id, userId: 7n, issueMethod: 'CUSTOMER', isRefresh: true } as const;
    (await ask([command], at(NOW_MS))).share([soldOut]);
    expect(recorded).toEqual(result === 'shared' ? [soldOut.id] : []);
  },
);
