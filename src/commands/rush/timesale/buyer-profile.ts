import type { AccessTokens } from '../../../platform/http/access-token.ts';
import type { Outcome } from '../history.ts';
import type { LoadProfile } from '../load-profile.ts';
import { type OrderData, readOrder } from '../order-response.ts';
import { customerTokens, packRequests, postText } from '../requests.ts';

export type BuyerOutcome = Outcome<OrderData>;
export interface Bought extends BuyerOutcome {
  readonly data: OrderData;
}
export const isBought = (outcome: BuyerOutcome): outcome is Bought =>
  outcome.status === 201 && outcome.data !== undefined;

/** One of this many users orders twice, at the same time and with different keys. */
const GREEDY_EVERY = 20;
const BLOCK = GREEDY_EVERY + 1;

/** Orders of one unit each. The first user of each block of 20 orders twice: the clients 0 and 1 of 21. */
export function buyerProfile(
  spec: { readonly url: URL; readonly timeSaleId: string; readonly users: number; readonly firstUser: bigint },
  tokens: AccessTokens,
  nowMs: number,
): LoadProfile<OrderData> {
  const tokenOf = customerTokens(tokens, nowMs);
  const path = `/api/v1/time-sales/${spec.timeSaleId}/orders`;
  const clients = spec.users + Math.ceil(spec.users / GREEDY_EVERY);
  const userIndex = (client: number): number =>
    Math.floor(client / BLOCK) * GREEDY_EVERY + Math.max(0, (client % BLOCK) - 1);
  const user = (client: number): string => (spec.firstUser + BigInt(userIndex(client))).toString();
  const request = packRequests(clients, (client) => {
    const key = client % BLOCK === 1 ? 'rush-again' : 'rush';
    return postText(spec.url, { path, token: tokenOf(user(client)), key, body: '{"quantity":1}' });
  });
  return { clients, user, request, read: readOrder };
}
