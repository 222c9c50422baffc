import { z } from 'zod';
import type { SandboxBehaviour } from '../../contexts/order/module.ts';
import { webhookKeys } from './schemas.ts';
import type { Variables } from './variable.ts';

/** Who takes EXTERNAL payments. */
export const PAYMENT_VARIABLES = {
  PAYMENT_PROVIDER: {
    schema: z.enum(['sandbox', 'none'], { error: 'must be sandbox or none' }).optional(),
    advice: 'Set PAYMENT_PROVIDER=sandbox to try payments out, else leave it out.',
  },
  PAYMENT_WEBHOOK_SECRET: {
    schema: webhookKeys().optional(),
    advice: 'Set PAYMENT_WEBHOOK_SECRET to whsec_ followed by the output of: openssl rand -base64 32',
    isSecret: true,
  },
  STAMPEDE_SANDBOX_PAYMENTS: {
    schema: z
      .string()
      .regex(
        /^(page|approve|decline|twice|delay:[1-9]\d{0,4})$/,
        'must be page, approve, decline, twice or delay:SECONDS',
      )
      .default('page'),
    advice: 'Set for example STAMPEDE_SANDBOX_PAYMENTS=page.',
  },
} satisfies Variables;

/** Reads STAMPEDE_SANDBOX_PAYMENTS. */
export function behaviourOf(text: string): SandboxBehaviour {
  const [kind = '', seconds] = text.split(':');
  if (seconds !== undefined) return { kind: 'APPROVE_LATER', afterMs: Number(seconds) * 1_000 };
  return { kind: BEHAVIOURS.get(kind) ?? 'PAGE' };
}
const BEHAVIOURS: ReadonlyMap<string, 'APPROVE' | 'DECLINE' | 'APPROVE_TWICE'> = new Map([
  ['approve', 'APPROVE'],
  ['decline', 'DECLINE'],
  ['twice', 'APPROVE_TWICE'],
]);
