import { expect, it } from 'vitest';
import { moneyText } from './money-text.ts';

it.each([
  ['KRW', 12_000n, '12,000원', '12,000 KRW'],
  ['KRW', 0n, '0원', '0 KRW'],
  ['USD', 1_234_567n, '12,345.67 USD', '12,345.67 USD'],
  ['USD', 5n, '0.05 USD', '0.05 USD'],
  ['BHD', 1_000_001n, '1,000.001 BHD', '1,000.001 BHD'],
])('an amount in %s has the decimals of the currency', (currency, amount, ko, en) => {
  expect([moneyText(amount, currency, 'ko'), moneyText(amount, currency, 'en')]).toEqual([ko, en]);
});
