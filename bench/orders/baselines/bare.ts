import { serve } from './serve.ts';

/** Checks the token and the body, responds at once and stores nothing. The upper bound that HTTP sets. */
const PLACED = {
  orderId: '123456789012345678',
  productId: '123456789012345677',
  productName: 'A product',
  unitPrice: 9_900,
};

await serve({ place: async () => ({ ...PLACED, createdAt: new Date() }), stop: async () => {} }, { pays: true });
