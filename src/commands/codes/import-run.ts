import { type UploadOptions, uploadCsv } from '../jobs/upload-csv.ts';

export interface ImportOptions extends UploadOptions {
  /** A decimal id. */
  readonly policy: string;
}

/** `stampede codes import`: 0 when every code was added; with `dryRun` when every one would be. */
export const run = ({ policy, ...options }: ImportOptions): Promise<number> =>
  uploadCsv(`/api/v1/coupon-policies/${policy}/codes.csv`, options, 'would be added');
