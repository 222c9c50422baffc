import { AUDIT_LOG } from '../resources/audit-log.ts';
import { COUPONS } from '../resources/coupons.ts';
import { POLICIES } from '../resources/policies.ts';
import { STATISTICS } from '../resources/statistics.ts';
import { STORES } from '../resources/stores.ts';
import type { Resource, Verb } from '../resources/verb.ts';

/** An operation of the API that is offered to an assistant. */
export interface ToolDefinition {
  readonly name: string;
  readonly verb: Verb;
  /** Offered with --allow-writes alone. */
  readonly writes: boolean;
  /** In place of the description of the command, where that speaks of the command line. */
  readonly description?: string;
}

/** The verb of a resource. Throws when there is none: the list below is wrong. */
function verbOf({ name, verbs }: Resource, verb: string): Verb {
  const found = verbs.find((each) => each.name === verb);
  if (found === undefined) throw new TypeError(`${name} has no verb ${verb}`);
  return found;
}

const read = (name: string, resource: Resource, verb: string): ToolDefinition => ({
  name,
  verb: verbOf(resource, verb),
  writes: false,
});
const write = (name: string, resource: Resource, verb: string, rest: Partial<ToolDefinition> = {}): ToolDefinition => ({
  name,
  verb: verbOf(resource, verb),
  writes: true,
  ...rest,
});

/** What an assistant can do: operations of the command line, with their arguments and options. */
export const TOOLS: readonly ToolDefinition[] = [
  read('list_policies', POLICIES, 'list'),
  read('get_policy', POLICIES, 'get'),
  read('get_policy_stock', POLICIES, 'stock'),
  read('get_policy_statistics', POLICIES, 'statistics'),
  read('list_policy_coupons', POLICIES, 'coupons'),
  read('get_coupon', COUPONS, 'get'),
  read('list_user_coupons', COUPONS, 'list'),
  read('list_stores', STORES, 'list'),
  read('get_store_statistics', STORES, 'statistics'),
  read('list_daily_statistics', STATISTICS, 'daily'),
  read('list_audit_log', AUDIT_LOG, 'list'),
  write('create_policy', POLICIES, 'create', { description: 'create a policy' }),
  write('activate_policy', POLICIES, 'activate'),
  write('pause_policy', POLICIES, 'pause'),
  write('issue_coupons', COUPONS, 'issue-to', {
    description: 'issue coupons of a DIRECT policy to up to 10,000 users',
  }),
];
