import { z } from 'zod';
import { EXTERNAL_ID_PATTERN, looksLikeExternalId } from '../../contexts/identity/api.ts';
import { EXTERNAL_ID_FIELD } from '../../platform/kernel/external-id-fields.ts';
import { ID_MAX, ID_PATTERN } from '../../platform/kernel/id-text.ts';
import { isAcceptedInstant } from '../../platform/kernel/instants.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../../platform/kernel/pages.ts';
import { DEFAULT_SHOP } from '../../platform/kernel/shop.ts';
import { isBlank, PRINTABLE } from '../../platform/kernel/text.ts';

// Building blocks of requests and responses. A schema is both validated and documented.

const CURSOR_CHARS_MAX = 500;

const decimalId = z
  .string()
  .regex(ID_PATTERN, 'must be a decimal id')
  .meta({ id: 'Id', description: '64-bit, decimal' });
const isWithin = (id: bigint): boolean => id <= ID_MAX;

/** An id in a path or query, parsed to a bigint. */
export const PathId = decimalId
  .transform(BigInt)
  .refine(isWithin, 'is out of range')
  .meta({ examples: ['7330011234567890'] });

/** PathId's rule without the cost of a schema, for hot routes. Returns false for ids of 19 digits: the schema decides on those. */
export const isPathId = (text: string): boolean => /^[1-9][0-9]{0,17}$/.test(text);

/** An id in a body: a decimal string, or an integer that JSON represents exactly; parsed to a bigint. */
export const BodyId = z
  .union([decimalId, z.int().positive()], 'must be a decimal id')
  .transform(BigInt)
  .refine(isWithin, 'is out of range')
  .meta({ id: 'IdInput', description: 'As a string, or as a number that JSON represents exactly' });

/** An id in a response. */
export const IdText = decimalId;

const ExternalIdText = z
  .string()
  .meta({
    id: 'ExternalId',
    description: 'For ADMIN and SERVICE, of a user of another issuer: ext:<issuer name>:<subject>',
  })
  .optional();

/** The user of a response. */
export const UserIdText = { userId: IdText, externalId: ExternalIdText };
/** The owner of a store in a response. */
export const OwnerIdText = { ownerId: IdText, ownerExternalId: ExternalIdText };
/** Who did something, by role and id, in a response. */
export const ChangedByText = {
  changedBy: z
    .string()
    .nullable()
    .meta({
      description: 'Role and id of who did it by hand; null for the owner of the coupon',
      examples: ['ADMIN 42'],
    }),
  changedByExternalId: ExternalIdText,
};
/** Who changed what, in a line of the audit log. */
export const AuditNames = {
  actor: z
    .string()
    .meta({ description: 'user:<id>, key:<id> of an API key, or service:<id> of a machine with a token' }),
  actorExternalId: ExternalIdText,
  subject: z
    .string()
    .nullable()
    .meta({ description: 'The id of what was changed or created, or of the user whom it concerns' }),
  subjectExternalId: ExternalIdText,
};
/** The staff of a store in a response. */
export const StaffIds = {
  staff: z
    .array(IdText)
    .optional()
    .meta({ description: 'Users who may use coupons at its counter; shown to ADMIN and the OWNER of it' }),
  staffExternalIds: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'For ADMIN and SERVICE: the external ids of those who have one, by their ids' }),
};

/** Where a response names users, and the field beside it that has their external ids. */
interface ShownUserField {
  readonly field: string;
  /** Finds the id in the text; without it the text is the id. */
  readonly pattern?: RegExp;
  /** The field names a user only in an object that has this one, too. */
  readonly beside?: string;
}
/** The fields of responses that name users. Of a list the field beside it is an object with the external ids by the ids. */
export const EXTERNAL_ID_FIELDS: Readonly<Record<string, ShownUserField>> = {
  userId: { field: EXTERNAL_ID_FIELD.userId },
  ownerId: { field: EXTERNAL_ID_FIELD.ownerId },
  staff: { field: 'staffExternalIds' },
  actor: { field: 'actorExternalId', pattern: /^user:(\d+)$/ },
  subject: { field: 'subjectExternalId', beside: 'actor' },
  changedBy: { field: 'changedByExternalId', pattern: /^(?:CUSTOMER|OWNER|ADMIN) (\d+)$/ },
} satisfies {
  readonly [Field in keyof (typeof UserIdText &
    typeof OwnerIdText &
    typeof StaffIds &
    typeof AuditNames &
    typeof ChangedByText)]?: ShownUserField;
};

/** Schemas of requests whose values name users. External ids among the values are replaced by ids before the schemas run (auth/named-users.ts). */
export const userReferences = z.registry<{ readonly names: 'USER' }>();

const isDecimal = (text: string): boolean => !looksLikeExternalId(text);
const ONLY_OPERATORS = 'names no user of another issuer, or the caller may not name one: only ADMIN and SERVICE do';
const namedUser = z
  .string()
  .regex(
    new RegExp(`(?:${ID_PATTERN.source})|(?:${EXTERNAL_ID_PATTERN.source})`),
    'must be a decimal id, or ext:<issuer name>:<subject> for a user of another issuer, with the subject URI-encoded',
  );
const NAMED_USER =
  'A decimal id; ADMIN and SERVICE may also name a user of another issuer: `ext:<issuer name>:<subject>`';

/** The id of a user in a path or query, parsed to a bigint. */
export const PathUserId = namedUser
  .refine(isDecimal, { error: ONLY_OPERATORS, abort: true })
  .transform(BigInt)
  .refine(isWithin, 'is out of range')
  .meta({ id: 'UserReference', description: NAMED_USER, examples: ['7330011234567890'] })
  .register(userReferences, { names: 'USER' });

/** The same in a body, where it may be an integer. */
export const BodyUserId = z
  .union(
    [namedUser.refine(isDecimal, ONLY_OPERATORS), z.int().positive()],
    'must be a decimal id, or ext:<issuer name>:<subject> with the subject URI-encoded',
  )
  .transform(BigInt)
  .refine(isWithin, 'is out of range')
  .meta({ id: 'UserReferenceInput', description: NAMED_USER, examples: ['7330011234567890'] })
  .register(userReferences, { names: 'USER' });

/** An amount in the currency's smallest unit, parsed to a bigint. */
export const Amount = z.int().nonnegative().transform(BigInt);

/** Of money in a response. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({
    id: 'Currency',
    description: 'ISO 4217, of the time of the order or charge; amounts are in its smallest unit',
  });
/** Processes and results of earlier versions, which had one currency, state none. */
export const currencyOf = ({ currency }: { readonly currency: string }): string => currency || DEFAULT_SHOP.currency;

/** An instant with an offset (RFC 3339) in the years 1970 to 9999, parsed to a Date. */
export const Instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(isAcceptedInstant, 'must be in the years 1970 to 9999')
  .meta({
    id: 'Instant',
    description: 'With an offset (RFC 3339), in the years 1970 to 9999',
    examples: ['2035-01-01T10:00:00Z'],
  });
export const InstantText = z.string().meta({ format: 'date-time' });

/** A date that no response lacks, as `InstantText`. Contract types make every date optional. @throws when it is absent */
export function requiredInstant(date: Date | undefined): string {
  if (date === undefined) throw new Error('a context returned a value without a date that it always has');
  return date.toISOString();
}

export const instantOrNull = (date: Date | undefined): string | null => date?.toISOString() ?? null;
export const idOrNull = (id: bigint | undefined): string | null => (id === undefined ? null : String(id));

/** Text for people, brought to NFC: one line, no control or bidirectional override characters, no lone surrogates. May be blank. */
export const plainText = (max: number) =>
  z
    .string()
    .normalize('NFC')
    .max(max)
    .regex(PRINTABLE, 'must be one line, without control or bidirectional override characters')
    .refine((text) => text.isWellFormed(), 'must not hold half of a surrogate pair');
/** The same, and not only of characters that are invisible. */
export const requiredText = (max: number) =>
  plainText(max)
    // Stated for the document. The rule after it knows more invisible characters.
    .regex(/\S/, { error: 'must not be blank', abort: true })
    .refine((text) => !isBlank(text), 'must not be blank');

/** A calendar day in the years 1970 to 9999. Whether the month has it, its reader checks. */
export const Day = z
  .string()
  .regex(/^(?:19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}$/, 'must be a day from 1970 to 9999: YYYY-MM-DD')
  .meta({ examples: ['2035-01-31'] });

/** The largest version of a row that PostgreSQL stores as an int. */
export const VERSION_MAX = 2_147_483_647;

/** A number in a query, from 1 to `max`, at most 999. Documented as an integer. */
export const queryNumber = (max: number) =>
  z.preprocess(
    (text) => (/^[0-9]{1,3}$/.test(String(text)) ? Number(text) : text),
    z.int(`must be 1 to ${max}`).min(1).max(max),
  );

/** Any of some words in a query, separated by commas. */
export const queryWords = <const Words extends readonly string[]>(words: Words) =>
  z
    .string()
    .max(100)
    .regex(new RegExp(`^(?:${words.join('|')})(?:,(?:${words.join('|')}))*$`), `must be any of ${words.join(', ')}`)
    .transform((text) => [...new Set(text.split(','))] as Words[number][])
    .meta({ description: `Any of ${words.join(', ')}, separated by commas` });

/** The body of a POST whose path contains all parameters. */
export const EmptyBody = z.strictObject({}).meta({ id: 'EmptyRequest' }).optional();

/** `limit` and `cursor` of every list. */
export const PageFields = {
  limit: queryNumber(PAGE_MAX)
    .optional()
    .meta({ description: `1 to ${PAGE_MAX}, default ${PAGE_DEFAULT}`, examples: [PAGE_DEFAULT] }),
  cursor: z
    .string()
    .min(1)
    .max(CURSOR_CHARS_MAX)
    .regex(/^[\x21-\x7e]+$/)
    .optional()
    .meta({ description: 'nextCursor of the previous page' }),
};

export const pageOf = (query: { readonly limit?: number | undefined; readonly cursor?: string | undefined }) => ({
  limit: query.limit ?? PAGE_DEFAULT,
  cursor: query.cursor ?? '',
});

/** The schema of a page of a list; the items are under `plural`. */
export const pageView = <Item extends z.ZodType, Plural extends string>(plural: Plural, item: Item) =>
  z.strictObject({
    [plural]: z.array(item),
    nextCursor: z.string().nullable(),
    hasMore: z.boolean(),
  });

/** The cursor of a page, as `pageView` shows it. */
export const pageJson = (nextCursor: string | undefined) => ({
  nextCursor: nextCursor ?? null,
  hasMore: nextCursor !== undefined,
});
