import type { components, paths } from './generated/openapi.ts';
import type { UNEXPECTED_RESPONSE } from './send.ts';

/** Why a request was refused, or failed: an RFC 9457 document. Decide on `code`; title and detail are texts for people. */
export type Problem = components['schemas']['Problem'];
export type ProblemCode = Problem['code'] | typeof UNEXPECTED_RESPONSE;

type Contents<Responses> = Responses[keyof Responses] extends infer Response
  ? Response extends { readonly content: { readonly 'application/problem+json': infer Content } }
    ? Content
    : never
  : never;

/**
 * The problems of one operation, for a function of yours that handles them: `ProblemOf<'/api/v1/orders', 'post'>`. Its `code` discriminates: within
 * `case 'COUPON_ALREADY_ISSUED'` of a switch there is `couponId`.
 */
export type ProblemOf<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  readonly responses: infer Responses;
}
  ? Contents<Responses>
  : never;
