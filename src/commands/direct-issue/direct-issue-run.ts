import { type UploadOptions, uploadCsv } from '../jobs/upload-csv.ts';

export interface DirectIssueOptions extends UploadOptions {
  /** A decimal id. */
  readonly policy: string;
}

/** `stampede direct-issue`: 0 when every row got its coupon; with `dryRun` when every row would get one. */
export const run = ({ policy, ...options }: DirectIssueOptions): Promise<number> =>
  uploadCsv(`/api/v1/coupon-policies/${policy}/direct-issue.csv`, options, 'would get a coupon');
