import { type Contender, serve } from './serve.ts';

/** (a) and (b): answers at once, stores nothing. The ceiling that HTTP itself sets. */
let sequenceNo = 0;
const bare: Contender = {
  async issue() {
    const issuedAt = new Date();
    sequenceNo += 1;
    return { kind: 'issued', couponId: '123456789012345678', sequenceNo, issuedAt, expiresAt: issuedAt };
  },
  async stop() {},
};
await serve(bare, { check: process.env['CHECK'] !== 'off' });
