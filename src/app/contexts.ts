import { couponContext } from '../contexts/coupon/module.ts';
import { identityContext } from '../contexts/identity/module.ts';
import { notificationContext } from '../contexts/notification/module.ts';
import { orderContext } from '../contexts/order/module.ts';
import { paymentContext } from '../contexts/payment/module.ts';
import { pointContext } from '../contexts/point/module.ts';
import { statisticsContext } from '../contexts/statistics/module.ts';
import { storeContext } from '../contexts/store/module.ts';
import { webhookContext } from '../contexts/webhook/module.ts';
import type { ContextName } from './parts.ts';

/**
 * Every context, after those whose API it calls. All else follows from this list: which contexts run and how they are bound
 * (bind.ts), the refusal codes, the catalogue of events, the audits and the scheduled tasks. contexts.test.ts compares it with the
 * folders of src/contexts, and with the names in parts.ts, which commands read without loading any context.
 */
export const CONTEXTS = [
  identityContext,
  storeContext,
  couponContext,
  pointContext,
  orderContext,
  notificationContext,
  statisticsContext,
  webhookContext,
  paymentContext,
] as const;

type Context = (typeof CONTEXTS)[number];
/** A context that runs. The others only have a contract. */
export type RunningContext = Extract<Context, { readonly create: unknown }>;
export type Modules = { readonly [Context in RunningContext as Context['name']]: ReturnType<Context['create']> };
/** The API of each context by its name. */
export type Apis = { readonly [Name in ContextName]: Modules[Name]['api'] };

export const runs = (context: Context): context is RunningContext => 'create' in context;

/** Returns the contexts in the order of their names. */
export const contextsByName = (): readonly Context[] => CONTEXTS.toSorted((a, b) => (a.name < b.name ? -1 : 1));
