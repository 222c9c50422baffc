import type { Code, Policy } from '../api.ts';
import type { CodeShape } from '../domain/code.ts';

/** A code that exists, with its policy as it was read together with it. */
export interface FoundCode {
  /** In the form it is looked up by. */
  readonly code: string;
  readonly policy: Policy;
  readonly kind: 'SHARED' | 'UNIQUE';
  /** A unique one that a coupon carries. */
  readonly redeemed: boolean;
}

export interface CodeReader {
  /** What codes look like; every code that was stored before this was asked fits one. */
  shapes(): Promise<readonly CodeShape[]>;
  /** Those of the codes that exist, in any order. */
  find(codes: readonly string[]): Promise<readonly FoundCode[]>;
  /** The unique codes of a policy, in order of their making. */
  list(policyId: bigint, after: CodePlace | undefined, limit: number): Promise<readonly PlacedCode[]>;
}

/** Where a code stands in the order of making. */
export interface CodePlace {
  readonly jobId: bigint;
  readonly place: number;
}
export interface PlacedCode extends Code, CodePlace {}
