import { describe, expect, it } from 'vitest';
import { contentHash } from './content-hash.ts';

interface Request {
  readonly userId: bigint;
  readonly key: string;
  readonly amount: bigint;
  readonly orderId?: string | undefined;
}
const hash = (amount: bigint, orderId: string | null) => contentHash<Request>('USE', { amount, orderId });

describe('a hash of the content of a request', () => {
  it('is the one that earlier versions stored', () => {
    expect(hash(10n, 'a')).toBe('7o7Gqia3OcghMHGv3e86ql');
  });

  it('differs when a field of the request differs', () => {
    expect(new Set([hash(10n, 'a'), hash(11n, 'a'), hash(10n, null)]).size).toBe(3);
  });

  it('needs every field of the request that is not the sender', () => {
    // @ts-expect-error: orderId is missing
    contentHash<Request>('USE', { amount: 10n });
    // @ts-expect-error: without a request no field would be required
    contentHash('USE', { amount: 10n });
  });
});
