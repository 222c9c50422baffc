import { asOneLine } from '../../../../platform/kernel/one-line.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { refuse } from '../../refusals.ts';

/** The refusal for a declined payment, with the provider's reason. */
export const paymentDeclined = (reason: string): Refusal => refuse('PAYMENT_DECLINED', { reason: asOneLine(reason) });
