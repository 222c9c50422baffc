import { type Baseline, serve } from './serve.ts';

/** (a) and (b): responds at once and stores nothing. The upper bound that HTTP sets. */
let sequenceNo = 0;
const bare: Baseline = {
  async issue() {
    const issuedAt = new Date();
    sequenceNo += 1;
    return { kind: 'issued', couponId: '123456789012345678', sequenceNo, issuedAt, expiresAt: issuedAt };
  },
  async stop() {},
};
await serve(bare, { check: process.env['CHECK'] !== 'off' });
