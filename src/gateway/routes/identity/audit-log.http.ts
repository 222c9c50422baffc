import { z } from 'zod';
import type { AuditLine, IdentityService, ListAuditLogRequest } from '../../../contexts/identity/api.ts';
import type { FileUsersDeps } from '../../auth/file-users.ts';
import { withExternalIds } from '../../auth/shown-users.ts';
import type { DownloadsDeps } from '../../downloads.ts';
import { type Route, route } from '../../server/route.ts';
import {
  AuditNames,
  IdText,
  Instant,
  InstantText,
  PageFields,
  pageOf,
  pageView,
  requiredInstant,
  requiredText,
  userReferences,
} from '../../server/schemas.ts';
import { csvLine, wantsCsv } from '../../uploads/csv.ts';

const CSV_PAGE = 100;

const AuditQuery = z.strictObject({
  ...PageFields,
  actor: z
    .string()
    .regex(/^(user|key|service):\d{1,19}$/, 'must be user:<id>, key:<id> or service:<id>')
    .optional()
    .meta({ examples: ['user:42'] }),
  subject: requiredText(200)
    .register(userReferences, { names: 'USER' })
    .optional()
    .meta({ description: 'The id of a user, a policy, an order, …; of a user of another issuer the external id, too' }),
  from: Instant.optional(),
  to: Instant.optional().meta({ description: 'Exclusive' }),
});

const AuditLineView = z
  .strictObject({
    auditId: IdText,
    at: InstantText,
    ...AuditNames,
    role: z.string(),
    operation: z.string().meta({ description: 'The operationId in this document' }),
    requestId: z.string(),
    fields: z.array(z.string()).meta({ description: 'The fields of the request; their values are not stored' }),
  })
  .meta({ id: 'AuditLine' });

const EXAMPLE = {
  auditId: '7330011234567899',
  at: '2035-01-01T10:00:00.000Z',
  actor: 'user:42',
  role: 'ADMIN',
  operation: 'updateUser',
  requestId: '0c7e6d2e-9a52-4c0f-8a39-5d4b8f6b7e11',
  subject: '7330011234567890',
  fields: ['status'],
};
const COLUMNS = [...Object.keys(EXAMPLE), 'actorExternalId', 'subjectExternalId'];

export const auditLogRoutes = ({
  identity,
  downloads,
  externalUsers,
}: FileUsersDeps & DownloadsDeps & { readonly identity: IdentityService }): readonly Route[] => [
  route({
    id: 'listAuditLines',
    tag: 'identity',
    method: 'GET',
    paths: ['/api/v1/audit-log'],
    summary: 'List who changed what, newest first',
    description:
      'Every change by an ADMIN or OWNER, and by a machine what customers cannot do. A line follows its change within seconds. With ' +
      '`Accept: text/csv` all lines that match are streamed from the cursor on, without pages.',
    access: ['ADMIN'],
    scope: 'admin',
    status: 200,
    response: {
      schema: pageView('lines', AuditLineView).meta({ id: 'AuditLineList' }),
      example: { lines: [EXAMPLE], nextCursor: null, hasMore: false },
    },
    noStore: true,
    query: AuditQuery,
    async handle({ principal, query, request, reply }) {
      const { actor, subject, from, to } = query;
      const filter = { actor, subject, from, to };
      if (wantsCsv(request.headers.accept)) {
        const rows = csvOf({ identity, externalUsers }, filter, pageOf(query).cursor);
        return downloads.csv(reply, principal, 'audit-log.csv', rows);
      }
      const { lines, nextCursor } = await identity.listAuditLog({ ...filter, page: pageOf(query) });
      return { lines: lines.map(lineJson), nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
    },
  }),
];

const lineJson = ({ id, at, subject, ...line }: AuditLine): z.input<typeof AuditLineView> => ({
  auditId: String(id),
  at: requiredInstant(at),
  actor: line.actor,
  role: line.role,
  operation: line.operation,
  requestId: line.requestId,
  subject: subject ?? null,
  fields: [...line.fields],
});

const csvOfLine = ({ actorExternalId, subjectExternalId, ...line }: z.input<typeof AuditLineView>): string =>
  csvLine([
    ...Object.values({ ...line, subject: line.subject ?? '', fields: line.fields.join(' ') }),
    actorExternalId ?? '',
    subjectExternalId ?? '',
  ]);

async function* csvOf(
  { identity, externalUsers }: FileUsersDeps & { readonly identity: Pick<IdentityService, 'listAuditLog'> },
  filter: Omit<ListAuditLogRequest, 'page'>,
  from: string,
): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for (let cursor: string | undefined = from; cursor !== undefined; ) {
    const { lines, nextCursor }: Awaited<ReturnType<IdentityService['listAuditLog']>> = await identity.listAuditLog({
      ...filter,
      page: { limit: CSV_PAGE, cursor },
    });
    const page = lines.map(lineJson);
    const shown = externalUsers === undefined ? page : await withExternalIds(externalUsers, page);
    yield shown.map(csvOfLine).join('');
    cursor = nextCursor;
  }
}
