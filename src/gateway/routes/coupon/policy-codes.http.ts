import { z } from 'zod';
import type { CodeList, CouponService } from '../../../contexts/coupon/api.ts';
import type { FileUsersDeps } from '../../auth/file-users.ts';
import { toProto } from '../../auth/principal.ts';
import type { DownloadsDeps } from '../../downloads.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { CODES_CSV_EXAMPLE, codesCsv, GenerateBody } from './coupon-code.schemas.ts';
import { OnePolicy, POLICIES_PATHS } from './coupon-policy.schemas.ts';
import { csvJobRoute, FILE_RULES } from './csv-job.ts';
import { type JobJson, JobView, jobJson, locationOf, QUEUED_EXAMPLE } from './job.schemas.ts';

const below = (tail: string): string[] => POLICIES_PATHS.map((base) => `${base}/:id/${tail}`);
/** Read at once for an export. */
const PAGE = 1_000;

export const policyCodesRoutes = ({
  coupon,
  downloads,
  externalUsers,
}: FileUsersDeps & DownloadsDeps & { readonly coupon: CouponService }): readonly Route[] => [
  route({
    id: 'generateCouponCodes',
    tag: 'coupon policies',
    method: 'POST',
    paths: below('codes'),
    summary: 'Generate unique codes of a CODE policy, as a job',
    description:
      'Each code issues one coupon. It has at least 64 random bits and a check symbol at the end. Location is the ' +
      'address of the job.',
    access: MANAGERS,
    scope: 'policies:write',
    status: 202,
    location: true,
    response: { schema: JobView, example: { ...QUEUED_EXAMPLE, kind: 'GENERATE_CODES' } },
    bodyExample: { count: 1_000_000, prefix: 'VIP-', pattern: '#####-#####-####' },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
    params: OnePolicy,
    body: GenerateBody,
    async handle({ principal, call, params: { id }, body, reply }): Promise<JobJson> {
      const message = { principal: toProto(principal), policyId: id, ...body, commandKey: call.takeCommandKey() };
      const job = jobJson(call.valueFrom(await coupon.generateCodes(message)));
      reply.header('location', locationOf(job));
      return job;
    },
  }),
  csvJobRoute(coupon, {
    id: 'importCouponCodes',
    tag: 'coupon policies',
    paths: below('codes.csv'),
    summary: 'Import unique codes from a CSV file, as a job',
    description:
      `The column code (or 쿠폰코드) holds codes of at least 6 symbols. ${FILE_RULES} A column status is read as in the export: ` +
      'codes that are not FREE are refused. Invalid codes and codes that cannot be used are among the errors of the job.',
    scope: 'policies:write',
    kind: 'IMPORT_CODES',
    columns: { value: ['code', 'codes', 'couponcode', '쿠폰코드'], hasStatus: true },
    upload: 'code\r\n7K3WQ-M9T2B-XR4Z\r\nCARD-000123\r\n',
  }),
  route({
    id: 'exportCouponCodes',
    tag: 'coupon policies',
    method: 'GET',
    paths: below('codes.csv'),
    summary: 'Export the unique codes of a policy, with the users who redeemed them',
    description:
      'CSV in the order of generation, streamed. A cell that a spreadsheet would read as a formula is marked as ' +
      'text.',
    access: MANAGERS,
    scope: 'policies:read',
    status: 200,
    response: { schema: z.string(), example: CODES_CSV_EXAMPLE, type: 'text/csv' },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    sendsResponse: true,
    params: OnePolicy,
    async handle({ principal, params: { id }, reply }): Promise<void> {
      const page = async (cursor: string): Promise<CodeList> => {
        const message = { principal: toProto(principal), policyId: id, page: { limit: PAGE, cursor } };
        return valueFrom((await coupon.listCodes(message)).outcome);
      };
      // Read before the response begins, so that a refusal is still a problem document.
      const first = await page('');
      await reply.send(downloads.csv(reply, principal, `codes-${id}.csv`, codesCsv(first, page, externalUsers)));
    },
  }),
];
