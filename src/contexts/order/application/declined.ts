import { asOneLine } from '../../../platform/kernel/one-line.ts';
import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';

/** Why a provider does not pay, in its own words. */
export const declined = (reason: string): Refusal => refuse('PAYMENT_DECLINED', { reason: asOneLine(reason) });
