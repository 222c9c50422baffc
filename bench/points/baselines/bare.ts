import { serve } from './serve.ts';

/** (b): checks the token and the body, responds at once and stores nothing. The upper bound that HTTP sets. */
await serve({
  charge: async () => ({ transactionId: '123456789012345678', balance: 1_000, createdAt: new Date() }),
  stop: async () => {},
});
