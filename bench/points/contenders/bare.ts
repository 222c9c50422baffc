import { serve } from './serve.ts';

/** (b): checks the token and the body, answers at once, stores nothing. The ceiling that HTTP itself sets. */
await serve({
  charge: async () => ({ transactionId: '123456789012345678', balance: 1_000, createdAt: new Date() }),
  stop: async () => {},
});
