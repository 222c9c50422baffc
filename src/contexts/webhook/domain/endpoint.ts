import { nearest } from '../../../platform/kernel/nearest.ts';
import type { Health } from './health.ts';

/** All endpoints of an installation. Each has connections and a place in every process, so there is a bound. */
export const ENDPOINTS_MAX = 100;
export const URL_MAX = 2_048;
export const DESCRIPTION_MAX = 200;
/** Of one endpoint. */
export const TOPICS_MAX = 100;
/** How long the previous secret signs beside the new one. */
export const OVERLAP_HOURS = 24;
export const OVERLAP_HOURS_MAX = 168;
/** Stands for every topic, also for those that later versions add. */
export const EVERY_TOPIC = '*';

/** Why this system disables an endpoint: it responded with 410; no request succeeded for days; more deliveries wait than are kept. */
export const AUTOMATIC_REASONS = ['GONE', 'FAILING', 'BACKLOG'] as const;
export type AutomaticReason = (typeof AUTOMATIC_REASONS)[number];
/** Why nothing is sent. ADMIN: an administrator disabled it. */
export const DISABLED_REASONS = ['ADMIN', ...AUTOMATIC_REASONS] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

export interface Endpoint {
  readonly id: bigint;
  readonly url: string;
  readonly topics: readonly string[];
  readonly description: string;
  readonly state: EndpointState;
  readonly health: Health;
  /** Until then the previous secret signs, too. Null: there is none. */
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type EndpointState =
  | { readonly kind: 'ENABLED' }
  | { readonly kind: 'DISABLED'; readonly reason: DisabledReason; readonly at: Date };

/** What an administrator may change. Absent: unchanged. */
export interface EndpointChange {
  readonly url?: string;
  readonly topics?: readonly string[];
  readonly description?: string;
  readonly enabled?: boolean;
}

/** Returns the topics sorted and without repeats; `*` alone when it is among them. Undefined when one is unknown, or there is none. */
export function normaliseTopics(topics: readonly string[], known: ReadonlySet<string>): readonly string[] | undefined {
  if (topics.length === 0 || topics.some((topic) => topic !== EVERY_TOPIC && !known.has(topic))) return undefined;
  return topics.includes(EVERY_TOPIC) ? [EVERY_TOPIC] : [...new Set(topics)].sort();
}

/** What is wrong with topics that normaliseTopics does not accept. */
export function topicsProblem(topics: readonly string[], known: ReadonlySet<string>): string {
  const rule = 'must be topics that have webhook among their consumers in docs/events.md, or *';
  const unknown = topics.find((topic) => topic !== EVERY_TOPIC && !known.has(topic));
  const suggestion = unknown === undefined ? undefined : nearest(unknown, [...known]);
  return suggestion === undefined ? rule : `${rule}; ${unknown} is none, the nearest one is ${suggestion}`;
}

/** Where webhooks may be sent. */
export interface HostRules {
  /** Is this a host that the operator has allowed, also by http and in a private network? */
  isExempt(host: string): boolean;
  /** May a host, given as a literal address, be reached? True for names: what they resolve to is checked at each request. */
  mayName(host: string): boolean;
}

/** Returns the URL as it is stored, or what is wrong with it. */
export function readUrl(text: string, rules: HostRules): { readonly url: string } | { readonly problem: string } {
  const url = URL.parse(text);
  if (url === null || text.length > URL_MAX) return { problem: `must be a URL of at most ${URL_MAX} characters` };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && rules.isExempt(host)))
    return { problem: 'must begin with https://; http is for hosts of WEBHOOK_ALLOWED_HOSTS' };
  if (url.username !== '' || url.password !== '') return { problem: 'must have no user name or password' };
  if (url.hash !== '') return { problem: 'must have no fragment' };
  if (!rules.mayName(host))
    return { problem: 'must be an address of the internet, or a host of WEBHOOK_ALLOWED_HOSTS' };
  return { url: url.href };
}
