import type { Code, Policy } from '../../api.ts';
import type { CodeShape } from '../../domain/codes/code.ts';
import type { GeneratedCode } from '../../domain/codes/code-plan.ts';
import type { LeasedJob, Progress, RowError } from '../jobs/ports.ts';

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

/** Where jobs put codes: all of a step or nothing of it, the job's progress included. Steps throw JobLost. */
export interface CodeStore {
  /** Codes of these shapes are about to be made. */
  addShapes(shapes: readonly CodeShape[]): Promise<void>;
  /** `count` codes in the places after the job's progress. `make` is asked again for those that exist already. */
  addGenerated(job: LeasedJob, count: number, make: (count: number) => readonly GeneratedCode[]): Promise<Progress>;
  /** Lines after the job's progress, at most `max` and at least one. */
  lines(job: LeasedJob, max: number): Promise<readonly string[]>;
  /** Codes that exist already join the errors. */
  addImported(job: LeasedJob, imported: ImportedCodes): Promise<Progress>;
}

export interface ImportedCodes {
  /** Rows looked at; each is a code or an error. */
  readonly rows: number;
  readonly codes: readonly (GeneratedCode & { readonly row: number })[];
  readonly errors: readonly RowError[];
}
