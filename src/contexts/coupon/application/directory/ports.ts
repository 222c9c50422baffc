import type { PolicyPlace } from '../../api.ts';
import type { GeneratedCode } from '../../domain/codes/code-plan.ts';
import type { CodeOwner } from '../codes/ports.ts';

/** The codes of all shards, in the table of codes of shard 0. A row of another shard names its policy, and the policy's id its shard. */
export interface ClaimedCodes {
  /** The policies of those codes that exist. `codes` are normalized. */
  policiesOf(codes: readonly string[]): Promise<ReadonlyMap<string, bigint>>;
  /** Claims codes for a policy of another shard, and returns those that another policy has. */
  claim(owner: CodeOwner, codes: readonly GeneratedCode[]): Promise<readonly string[]>;
  /** Deletes a claim of a shared code by a policy of another shard, if it is older than `ageMs`. Returns whether there was one. */
  free(code: string, policyId: bigint, ageMs: number): Promise<boolean>;
}

/** What needs the names of a reservation or of a direct use. */
export interface Holder {
  /** The reservation's id, or `USE:<coupon>`. */
  readonly id: string;
  readonly userId: bigint;
  readonly orderId: string | undefined;
}

/** Who has a name in another shard. */
export interface HeldName {
  readonly name: string;
  readonly holder: string;
  readonly shard: number;
}

/** Which shard has a reservation or an order, by the names of callers. */
export interface NameClaims {
  /** Claims all names of the holder for the shard, or returns who has some of them in other shards. */
  claim(holder: Holder, shard: number): Promise<readonly HeldName[]>;
  /** Takes one try back, and the claims with the last one. */
  release(holder: Holder): Promise<void>;
  /** Deletes the claim of the order. */
  freeOrder(holder: Holder): Promise<void>;
  /** The shards of those reservations that were claimed. */
  shardsOf(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** Where policies are that were moved to another shard than their ids name. */
export interface PolicyPlaceReader {
  all(): Promise<readonly PolicyPlace[]>;
}
