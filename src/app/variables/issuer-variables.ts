import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isIssuerName } from '../../contexts/identity/api.ts';
import { ROLES, type Role } from '../../platform/http/access-token.ts';
import { ISSUER_ALGORITHMS, type IssuerSettings } from '../../platform/http/issuer-tokens/issuer-settings.ts';
import { isTrustedUrl } from '../../platform/http/issuer-tokens/issuer-url.ts';
import { wholeNumber } from './schemas.ts';
import type { Variables } from './variable.ts';

const ISSUERS_MAX = 20;
const LIST_MAX = 20;
const MAPPED_MAX = 200;
const TEXT_MAX = 500;
const LIFETIME_MIN_SECONDS = 60;
/** The identity context keeps what ends a token for twice this time. */
const LIFETIME_MAX_SECONDS = 24 * 60 * 60;

const text = () =>
  z.string('must be a text').min(1, 'must not be empty').max(TEXT_MAX, `must have at most ${TEXT_MAX} characters`);
const texts = () =>
  z
    .array(text(), 'must be a list of texts')
    .min(1, 'must not be empty')
    .max(LIST_MAX, `must have at most ${LIST_MAX} entries`);
const trustedUrl = () =>
  text().refine(
    isTrustedUrl,
    'must be an https URL; http is for issuers on this machine, such as http://127.0.0.1:8080/realms/shop',
  );

const Issuer = z
  .strictObject({
    name: z
      .string('must be a text')
      .refine(isIssuerName, 'must be 1 to 32 lower-case letters, digits and inner hyphens, such as keycloak'),
    issuer: trustedUrl(),
    jwksUri: trustedUrl().optional(),
    audiences: texts(),
    audienceClaim: text().default('aud'),
    logoutAudiences: texts().optional(),
    algorithms: z
      .array(z.enum(ISSUER_ALGORITHMS, `must be any of ${ISSUER_ALGORITHMS.join(', ')}`), 'must be a list')
      .min(1, 'must not be empty')
      .default(['RS256']),
    subjectClaim: text().default('sub'),
    subjectIsUserId: z.boolean('must be true or false').default(false),
    rolesClaim: text().optional(),
    roleMapping: z
      .record(
        z.string(),
        z.enum(ROLES, `must map to ${ROLES.join(', ')}`),
        'must map roles of the issuer to roles here',
      )
      .refine((mapping) => Object.keys(mapping).length <= MAPPED_MAX, `must have at most ${MAPPED_MAX} roles`)
      .default({}),
    scopesClaim: text().default('scope'),
  })
  .refine(({ rolesClaim, roleMapping }) => rolesClaim !== undefined || Object.keys(roleMapping).length === 0, {
    path: ['rolesClaim'],
    error: 'must name the claim that roleMapping reads, such as realm_access.roles',
  })
  .transform(
    ({ logoutAudiences, jwksUri, rolesClaim, roleMapping, ...issuer }): IssuerSettings => ({
      ...issuer,
      jwksUri,
      rolesClaim,
      logoutAudiences: logoutAudiences ?? issuer.audiences,
      roleMapping: new Map(Object.entries(roleMapping) as [string, Role][]),
    }),
  );

const Issuers = z
  .array(Issuer, 'must be a list of issuers')
  .max(ISSUERS_MAX, `must have at most ${ISSUERS_MAX} issuers`)
  .refine((issuers) => areDifferent(issuers.map(({ name }) => name)), 'must have different names')
  .refine((issuers) => areDifferent(issuers.map(({ issuer }) => issuer)), 'must have different issuers');

/** Issuers of access tokens besides this system, in the order of docs/configuration.md. */
export const ISSUER_VARIABLES = {
  JWT_ISSUERS: {
    schema: z.string().transform(readIssuers).optional(),
    advice:
      'Set it to the path of a JSON file, or to JSON such as [{"name":"keycloak","issuer":"https://login.example.com/realms/shop","audiences":["shop-api"]}]; see docs/configuration.md.',
    // It is long, and each problem names its place.
    isSecret: true,
  },
  JWT_MAX_LIFETIME: {
    schema: wholeNumber(LIFETIME_MIN_SECONDS, LIFETIME_MAX_SECONDS).prefault('3600'),
    advice: 'Set for example JWT_MAX_LIFETIME=3600, in seconds.',
  },
} satisfies Variables;

function readIssuers(given: string, context: z.RefinementCtx): readonly IssuerSettings[] {
  const read = readDocument(given);
  if ('problem' in read) {
    context.addIssue(read.problem);
    return z.NEVER;
  }
  const parsed = Issuers.safeParse(read.document);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue(problemAt(issue));
  return z.NEVER;
}

function readDocument(given: string): { readonly document: unknown } | { readonly problem: string } {
  const isJson = given.trimStart().startsWith('[');
  let json = given;
  if (!isJson) {
    try {
      json = readFileSync(given, 'utf8');
    } catch {
      return { problem: 'is neither a JSON list nor the path of a file that can be read' };
    }
  }
  try {
    return { document: JSON.parse(json) };
  } catch (error) {
    return { problem: `is no JSON: ${(error as Error).message}` };
  }
}

/** Such as `[0].algorithms[1] must be any of RS256`. */
function problemAt(issue: z.core.$ZodIssue): string {
  const place = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  if (issue.code === 'unrecognized_keys') return `${place} has unknown fields: ${issue.keys.join(', ')}`;
  return place === '' ? issue.message : `${place} ${issue.message}`;
}

const areDifferent = (values: readonly string[]): boolean => new Set(values).size === values.length;
