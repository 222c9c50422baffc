import type { Role } from '../access-token.ts';

/** Signature algorithms of other issuers. None of them shares a secret with the issuer. */
export const ISSUER_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
export type IssuerAlgorithm = (typeof ISSUER_ALGORITHMS)[number];

/** Another issuer whose access tokens are accepted. */
export interface IssuerSettings {
  /** Short and stable: it is part of the names of the issuer's users. */
  readonly name: string;
  /** The `iss` of its tokens, compared exactly. */
  readonly issuer: string;
  /** Where its keys are. Undefined: OpenID Connect discovery names it. */
  readonly jwksUri: string | undefined;
  /** Accepted audiences of access tokens; one of them has to be in the token. */
  readonly audiences: readonly string[];
  /** The claim with the audience: `aud`, or one with a single text for issuers whose access tokens have no `aud`: Amazon Cognito has the client there. */
  readonly audienceClaim: string;
  /** The same of logout tokens: the client ids of the shop. */
  readonly logoutAudiences: readonly string[];
  readonly algorithms: readonly IssuerAlgorithm[];
  /** The claim that names the user. */
  readonly subjectClaim: string;
  /** The claim is the id of a user here, so nothing is mapped. */
  readonly subjectIsUserId: boolean;
  /** The claim with the roles, as a path such as `realm_access.roles`. Undefined: every user is a CUSTOMER. */
  readonly rolesClaim: string | undefined;
  /** Roles of the issuer that mean one here. Others mean nothing. */
  readonly roleMapping: ReadonlyMap<string, Role>;
  /** The claim with the scopes of a SERVICE. */
  readonly scopesClaim: string;
}
