import type { Components, Json, Reference } from './components.ts';

/** Headers of responses, by the name of their component. */
const HEADERS = {
  RetryAfter: {
    name: 'Retry-After',
    description: 'Seconds after which the same request may be sent again',
    schema: { type: 'integer', format: 'int32', minimum: 1 },
    example: 1,
  },
  WwwAuthenticate: {
    name: 'WWW-Authenticate',
    description: 'Why the credential is not accepted (RFC 6750, section 3)',
    schema: { type: 'string' },
    example: 'Bearer realm="stampede", error="invalid_token", error_description="The access token expired"',
  },
  IdempotentReplayed: {
    name: 'Idempotent-Replayed',
    description: 'Present when this is the response of the first request with the same Idempotency-Key',
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
  Location: {
    name: 'Location',
    description: 'The path of what was created',
    schema: { type: 'string', format: 'uri-reference' },
    example: '/api/v1/jobs/7330011234567893',
  },
  RateLimit: {
    name: 'RateLimit',
    description: 'What is left of the limit: requests (r), and seconds until it is whole again (t)',
    schema: { type: 'string' },
    example: '"default";r=99;t=60',
  },
  RateLimitPolicy: {
    name: 'RateLimit-Policy',
    description: 'The limit: requests (q) in a window of seconds (w)',
    schema: { type: 'string' },
    example: '"default";q=100;w=60',
  },
} as const satisfies Readonly<Record<string, Json>>;
export type HeaderName = keyof typeof HEADERS;

/** `headers` of a response; nothing when there are none. */
export function headersOf(
  components: Components,
  names: readonly HeaderName[],
): { readonly headers?: Readonly<Record<string, Reference>> } {
  if (names.length === 0) return {};
  const headers = names.map((key) => {
    const { name, ...content } = HEADERS[key];
    return [name, components.add('headers', key, content)] as const;
  });
  return { headers: Object.fromEntries(headers) };
}
