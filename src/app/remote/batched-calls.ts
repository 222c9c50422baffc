import type { Apis } from '../contexts.ts';
import type { ContextName } from '../parts.ts';

/**
 * The methods whose calls share messages with others (ADR 50): those that many requests call at the same time, with small requests and
 * responses. Every other call has a message of its own, so that a long list does not hold up a command.
 */
const BATCHED: { readonly [Name in ContextName]?: readonly (keyof Apis[Name] & string)[] } = {
  coupon: [
    'issueCoupon',
    'redeemCode',
    'useCoupon',
    'useAtCounter',
    'reserveCoupon',
    'confirmReservation',
    'releaseReservation',
    'restoreCoupon',
    'isIssued',
    'getStock',
  ],
  point: ['chargePoints', 'usePoints', 'holdPoints', 'spendPoints', 'captureHold', 'releaseHold', 'getBalance'],
  order: ['placeOrder', 'payOrder', 'getOrder', 'reportPayment'],
  store: ['checkStore'],
};

export const batchedCallsOf = (name: ContextName): readonly string[] => BATCHED[name] ?? [];
