import { machineToken } from '../../src/commands/rush/admin.ts';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import { customerTokens, packRequests, postText } from '../../src/commands/rush/requests.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import type { AccessTokens } from '../../src/platform/http/access-token.ts';

interface ReservationsSpec {
  readonly url: URL;
  readonly tokens: AccessTokens;
  readonly nowMs: number;
  readonly firstUser: bigint;
  readonly confirmed: number;
  readonly released: number;
}

const CONNECTIONS = 64;

/** Reserves a coupon for each user; the profiles confirm those of the first users and release those of the others. */
export async function reservationProfiles(spec: ReservationsSpec) {
  const { url, tokens, nowMs, firstUser, confirmed, released } = spec;
  const users = confirmed + released;
  const tokenOf = customerTokens(tokens, nowMs);
  const user = (client: number): string => (firstUser + BigInt(client)).toString();
  const reservation = (client: number): string => `beside-${user(client)}`;
  const policyId = await createPolicy(url, tokens, users, nowMs);
  const issued = await sent(issueProfile({ url, policyId, users, firstUser }, tokens, nowMs), url);
  const coupons = new Map(issued.map(({ client, data }) => [client, data?.couponId]));
  const none = { clients: users, user, read: () => undefined };
  const reserve = packRequests(users, (client) => {
    const order = { reservationId: reservation(client), orderId: reservation(client), orderAmount: 10_000 };
    const body = JSON.stringify({ couponId: coupons.get(client), ...order });
    return postText(url, { path: '/api/v1/coupons/reserve', token: tokenOf(user(client)), body });
  });
  await sent({ ...none, request: reserve }, url);
  const machine = machineToken(tokens, '1', 'coupons:use', nowMs);
  const confirm = packRequests(confirmed, (client) =>
    postText(url, {
      path: `/api/v1/coupons/reservations/${reservation(client)}/confirm?userId=${user(client)}`,
      token: machine,
      body: '{}',
    }),
  );
  const release = packRequests(released, (client) => {
    const path = `/api/v1/coupons/apply/${reservation(confirmed + client)}`;
    return postText(url, { path, token: tokenOf(user(confirmed + client)) }).replace('POST', 'DELETE');
  });
  return {
    confirm: { ...none, clients: confirmed, request: confirm },
    release: { ...none, clients: released, request: release },
  };
}

async function sent<Data>(profile: LoadProfile<Data>, url: URL) {
  const { outcomes } = await sendAll(profile, { urls: [url], connections: CONNECTIONS });
  const failed = outcomes.find(({ status }) => status >= 300);
  if (failed !== undefined) throw new Error(`not prepared: ${failed.status} ${failed.code ?? ''}`);
  return outcomes;
}
