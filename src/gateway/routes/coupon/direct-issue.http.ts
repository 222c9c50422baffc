import { z } from 'zod';
import type { CouponService, DirectIssueResult } from '../../../contexts/coupon/api.ts';
import { type FileUsersDeps, withUserIds } from '../../auth/file-users.ts';
import { toProto } from '../../auth/principal.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { BodyId, BodyUserId, IdText, idOrNull, requiredText, UserIdText } from '../../server/schemas.ts';
import { csvJobRoute, FILE_RULES } from './csv-job.ts';

const USERS_MAX = 10_000;

const DirectIssueBody = z.strictObject({
  couponPolicyId: BodyId,
  userIds: z.array(BodyUserId).min(1).max(USERS_MAX),
  issuedBy: requiredText(100).meta({ description: 'Who issues, for the record' }),
});
const ResultView = z
  .strictObject({
    ...UserIdText,
    couponId: IdText.nullable().meta({ description: 'The coupon that the user has, issued now or earlier' }),
    status: z.enum(['ISSUED', 'REFUSED']),
    code: z.string().nullable().meta({ description: 'REFUSED: the reason, an error code' }),
  })
  .meta({ id: 'DirectIssueResult' });
const DirectIssueView = z
  .strictObject({
    totalRequested: z.int(),
    successCount: z.int(),
    failureCount: z.int(),
    results: z.array(ResultView).meta({ description: 'One for each user id, in their order' }),
  })
  .meta({ id: 'DirectIssue' });

const EXAMPLE: z.input<typeof DirectIssueView> = {
  totalRequested: 2,
  successCount: 1,
  failureCount: 1,
  results: [
    { userId: '42', couponId: '7330011234567892', status: 'ISSUED', code: null },
    { userId: '43', couponId: '7330011234560001', status: 'REFUSED', code: 'COUPON_ALREADY_ISSUED' },
  ],
};

export const directIssueRoutes = ({
  coupon,
  externalUsers,
}: FileUsersDeps & { readonly coupon: CouponService }): readonly Route[] => [
  route({
    id: 'issueCouponsToUsers',
    tag: 'coupons',
    method: 'POST',
    paths: ['/api/v1/coupons/direct-issue', '/api/coupons/direct-issue'],
    summary: 'Issue coupons of a DIRECT policy to a list of users',
    description:
      `Up to ${USERS_MAX} users. Each is decided separately, so some may be refused. For more users upload a CSV ` +
      'file.',
    access: MANAGERS,
    scope: 'coupons:issue',
    addsUsers: true,
    status: 201,
    response: { schema: DirectIssueView, example: EXAMPLE },
    bodyExample: { couponPolicyId: '7330011234567890', userIds: ['42', '43'], issuedBy: 'jane' },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
    body: DirectIssueBody,
    async handle({
      principal,
      call,
      body: { couponPolicyId, userIds, issuedBy },
    }): Promise<z.input<typeof DirectIssueView>> {
      const commandKey = call.takeCommandKey();
      const message = { principal: toProto(principal), policyId: couponPolicyId, userIds, issuedBy, commandKey };
      const { results } = call.valueFrom(await coupon.directIssue(message));
      const successCount = results.filter(({ code }) => code === undefined).length;
      return {
        totalRequested: results.length,
        successCount,
        failureCount: results.length - successCount,
        results: results.map(resultJson),
      };
    },
  }),
  csvJobRoute(coupon, {
    id: 'issueCouponsFromCsv',
    tag: 'coupons',
    paths: ['/api/v1/coupon-policies/:id/direct-issue.csv', '/api/coupon-policies/:id/direct-issue.csv'],
    summary: 'Issue coupons of a DIRECT policy to the users of a CSV file, as a job',
    description: `The column userId (or 회원번호) holds user ids, or external ids. ${FILE_RULES} A dry run assumes that nothing else is issued meanwhile.`,
    scope: 'coupons:issue',
    kind: 'DIRECT_ISSUE',
    columns: { value: ['userid', 'user', '회원번호'] },
    replace: (principal, cells) => withUserIds(externalUsers, principal, cells),
    upload: 'userId\r\n42\r\n43\r\n',
  }),
];

const resultJson = ({ userId, couponId, code }: DirectIssueResult): z.input<typeof ResultView> => ({
  userId: String(userId),
  couponId: idOrNull(couponId),
  status: code === undefined ? 'ISSUED' : 'REFUSED',
  code: code ?? null,
});
