import type { Logger } from 'pino';
import { type SandboxProvider, sandboxProvider } from '../contexts/order/module.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { Config } from './config.ts';
import { ALL } from './parts.ts';

interface SandboxParts {
  readonly database: Database;
  /** The time that contexts decide by. */
  readonly clock: Clock;
  /** Of signatures. */
  readonly signClock: Clock;
  /** Base URL of this server. Undefined: it does not listen. */
  readonly ownUrl: (() => string) | undefined;
  readonly log: Logger;
}

/** The sandbox of payments, beside the orders that it pays. Undefined: this process has none. */
export function sandboxPaymentsOf(
  { target = ALL, paymentProvider, webhookKeys, sandboxPayments: behaviour, publicUrl }: Config,
  { ownUrl, ...deps }: SandboxParts,
): SandboxProvider | undefined {
  // It has its data in the database of orders.
  if (paymentProvider !== 'sandbox' || ownUrl === undefined || !target.parts.has('order')) return undefined;
  const [webhookKey] = webhookKeys;
  if (webhookKey === undefined) throw new Error('the sandbox has no key to sign with');
  return sandboxProvider({ ...deps, behaviour, webhookKey, ownUrl, publicUrl });
}
