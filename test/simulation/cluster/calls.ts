import { classifyFailure } from '../../../src/platform/postgres/failures.ts';
import type { Owner } from '../kernel.ts';
import type { CouponNode } from './coupon-node.ts';
import type { Cluster } from './world.ts';

const RESPONSE_MS = 12_000;

export interface NodeCall<Response extends Outcomes> {
  readonly from: Owner;
  readonly nodes: () => readonly CouponNode[];
  /** For the history. */
  readonly what: string;
  readonly run: (api: CouponNode['api']) => Promise<Response>;
}

/** What the responses here have in common. */
export interface Outcomes {
  readonly outcome?: { readonly $case: string; readonly value?: object } | undefined;
}

function textOf(response: Outcomes | undefined): string {
  const { $case, value } = response?.outcome ?? { $case: 'no response' };
  if ($case === 'refusal') return (value as { readonly code: string }).code;
  const { reservation } = (value ?? {}) as { readonly reservation?: { readonly status: string } };
  return reservation?.status ?? $case;
}

/** Sends a request to any of the nodes. Undefined: there was no response. */
export async function callNode<Response extends Outcomes>(
  { kernel, network, complain, trouble }: Cluster,
  { from, nodes, what, run }: NodeCall<Response>,
): Promise<Response | undefined> {
  const { owner, api } = kernel.chance.of(nodes());
  const { promise, resolve } = Promise.withResolvers<Response | undefined>();
  const cancel = kernel.schedule(from, kernel.clock() + RESPONSE_MS, () => resolve(undefined));
  void (async () => {
    await network.carry(from, owner);
    kernel.say(owner.name, () => what);
    const response = await run(api).catch((error: unknown) => {
      if (classifyFailure(error) === 'poison') complain(`${what}: ${String(error)}`);
      return undefined;
    });
    kernel.say(owner.name, () => `${what} -> ${textOf(response)}`);
    if (kernel.chance.happens(trouble().loseResponse)) return;
    await network.carry(owner, from);
    cancel();
    resolve(response);
  })();
  return await promise;
}
