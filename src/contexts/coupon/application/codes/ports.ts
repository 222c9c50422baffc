import type { Code } from '../../api.ts';
import type { CodeShape } from '../../domain/codes/code.ts';
import type { GeneratedCode } from '../../domain/codes/code-plan.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { JobRecord, LeasedJob, Progress, RowCheck, RowError } from '../jobs/ports.ts';

/** A code and its policy, read together. */
export interface FoundCode {
  /** Normalized. */
  readonly code: string;
  readonly policy: Policy;
  readonly kind: 'SHARED' | 'UNIQUE';
  /** True for a unique code that has issued a coupon. */
  readonly redeemed: boolean;
}

export interface CodeReader {
  /** The shapes of codes; every code stored before the call fits one. */
  shapes(): Promise<readonly CodeShape[]>;
  /** Returns the codes that exist, in any order. */
  find(codes: readonly string[]): Promise<readonly FoundCode[]>;
  /** The unique codes of a policy, in the order in which they were generated. */
  list(policyId: bigint, after: CodePlace | undefined, limit: number): Promise<readonly PlacedCode[]>;
}

/** The position of a code in the order of generation. */
export interface CodePlace {
  readonly jobId: bigint;
  readonly place: number;
}
export interface PlacedCode extends Code, CodePlace {}

/**
 * Stores the codes of jobs: each step completely or not at all, together with the job's progress. Steps throw
 * JobLeaseLost.
 */
export interface CodeStore {
  /** Stores shapes before codes of them are generated. */
  addShapes(shapes: readonly CodeShape[]): Promise<void>;
  /** Stores `count` codes after the job's progress. `make` is called again for codes that exist already. */
  addGenerated(job: LeasedJob, count: number, make: (count: number) => readonly GeneratedCode[]): Promise<Progress>;
  /** Lines after the job's progress, at most `max` and at least one. */
  lines(job: LeasedJob, max: number): Promise<readonly string[]>;
  /**
   * Codes that exist already are added to the errors: DUPLICATE_COUPON_CODE those of the policy, VALIDATION_FAILED those of others, so
   * that a caller does not learn which codes others have.
   */
  addImported(job: LeasedJob, imported: ImportedCodes): Promise<Progress>;
  /** The errors that `addImported` would report for all lines of an OPEN job, as `read` reads them. */
  checkImport(
    job: JobRecord,
    errorsMax: number,
    read: (lines: readonly string[], rowsBefore: number) => ImportedCodes,
  ): Promise<RowCheck>;
}

export interface ImportedCodes {
  /** Processed rows; each is a code or an error. */
  readonly rows: number;
  readonly codes: readonly (GeneratedCode & { readonly row: number })[];
  readonly errors: readonly RowError[];
}

/** What codes are of. `jobId`: of the job that generated or imported them; undefined: the shared code of the policy. */
export interface CodeOwner {
  readonly policyId: bigint;
  readonly jobId?: bigint | undefined;
}

/** Makes codes unique where the coupons of several databases are redeemed by them. */
export interface CodeClaims {
  /** Claims codes before they are stored here, and returns those that another policy has. A repeat changes nothing. */
  claim(owner: CodeOwner, codes: readonly GeneratedCode[]): Promise<ReadonlySet<string>>;
}

/** For the one database, or the one in whose table all others claim theirs: storing a code is the claim. */
export const NO_CLAIMS: CodeClaims = { claim: async () => new Set() };
