import { isSubject, SUBJECT_MAX } from '../../../platform/kernel/subject.ts';

/** A user as another issuer names it. */
export interface ExternalSubject {
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** The subject of the issuer's tokens: any text, compared exactly. */
  readonly subject: string;
}

/** Of what is kept of the subject of a deleted user. No subject has a line break. */
export const ERASED_PREFIX = '\n';
/** Users of other issuers in a request to this context, so that a statement stays short. */
export const EXTERNAL_USERS_MAX = 500;
const PREFIX = 'ext:';
const ISSUER = '[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?';
const ISSUER_NAME = new RegExp(`^${ISSUER}$`);
const ENCODED = '(?:[A-Za-z0-9._~@|-]|%[0-9A-Fa-f]{2})';
const SHAPE = new RegExp(`^${PREFIX}(${ISSUER}):(${ENCODED}+)$`);
const ESCAPED = /[^A-Za-z0-9._~@|-]/gu;
const DECODED = new RegExp(`^(${PREFIX}${ISSUER}:)(.+)$`, 's');
/** What a subject has escaped, except for the percent sign of an escape. */
const UNESCAPED = /[^A-Za-z0-9._~@|%-]/gu;
/** Each UTF-16 unit of a subject has at most three bytes, and each byte three characters when it is escaped. */
const ENCODED_MAX = SUBJECT_MAX * 9;
export const EXTERNAL_ID_MAX = PREFIX.length + 32 + 1 + ENCODED_MAX;
/** For the document: what `parseExternalId` reads has this form. */
export const EXTERNAL_ID_PATTERN = new RegExp(`^${PREFIX}${ISSUER}:${ENCODED}{1,${ENCODED_MAX}}$`);

/** Is this a name of an issuer: up to 32 lower-case letters, digits and inner hyphens? */
export const isIssuerName = (text: string): boolean => ISSUER_NAME.test(text);

/** A text that is equal for the same user: no issuer's name has a space. */
export const subjectKey = ({ issuer, subject }: ExternalSubject): string => `${issuer} ${subject}`;

/** Is this what is kept of the subject of a deleted user? */
export const isErased = (subject: string): boolean => subject.startsWith(ERASED_PREFIX);

/** Returns `ext:<issuer name>:<subject>`, with the subject URI-encoded. */
export const externalIdOf = ({ issuer, subject }: ExternalSubject): string =>
  `${PREFIX}${issuer}:${subject.replace(ESCAPED, escaped)}`;

/**
 * Reads what `externalIdOf` wrote, also where characters that need no escape are escaped. Undefined: it is no such text. Characters that are not escaped
 * are refused: two headers arrive as one text with a comma and a space, and bytes of a header that are not ASCII as other characters.
 */
export function parseExternalId(text: string): ExternalSubject | undefined {
  if (text.length > EXTERNAL_ID_MAX) return undefined;
  const [, issuer, encoded] = SHAPE.exec(text) ?? [];
  if (issuer === undefined || encoded === undefined) return undefined;
  const subject = decoded(encoded);
  return subject !== undefined && isSubject(subject) ? { issuer, subject } : undefined;
}

/**
 * Escapes an external id that was a part of a URL. A router has decoded it once, and clients put `ext:kc:a%2Fb` into a URL as it is, or encode it as any
 * other text. Returns other texts as they are.
 */
export function escapedExternalId(text: string): string {
  const [, prefix, subject] = DECODED.exec(text) ?? [];
  if (prefix === undefined || subject === undefined || text.length > EXTERNAL_ID_MAX || !text.isWellFormed())
    return text;
  return prefix + subject.replace(UNESCAPED, escaped);
}

/** Does a text look like one that `parseExternalId` reads? */
export const looksLikeExternalId = (text: unknown): text is string =>
  typeof text === 'string' && text.startsWith(PREFIX);

/** As `encodeURIComponent`, and `!'()*` as well. */
const escaped = (char: string): string => {
  const encoded = encodeURIComponent(char);
  return encoded === char ? `%${char.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
};

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
