import type { IssuerSettings } from '../../platform/http/issuer-tokens/issuer-settings.ts';
import { readUsableKeys } from '../../platform/http/issuer-tokens/key-set.ts';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { type Check, type Finding, fail, ok, warn } from './finding.ts';

/** Whether the keys of other issuers can be read and used. */
export const ISSUER_CHECKS: readonly Check[] = [
  {
    name: 'other issuers',
    run: async ({ settings, target }) =>
      target.parts.has('gateway')
        ? [...(await Promise.all(settings.issuers.map(keysOf))), ...settings.issuers.flatMap(weakSettingsOf)]
        : [],
  },
];

async function keysOf(issuer: IssuerSettings): Promise<Finding> {
  const { name, algorithms } = issuer;
  try {
    const { length } = await readUsableKeys(issuer);
    return length > 0
      ? ok(`${name} has ${length} usable ${length === 1 ? 'key' : 'keys'}`)
      : fail(`${name} has no key for ${algorithms.join(', ')}. Correct \`algorithms\` of its entry in JWT_ISSUERS.`);
  } catch (error) {
    return fail(
      `The keys of ${name} cannot be read: ${firstMessage(error)}. Start it, or correct its entry in JWT_ISSUERS.`,
    );
  }
}

/** In the access tokens of every client of a realm of Keycloak, and in each one of Auth0 that may read the profile. */
const SHARED_AUDIENCES: readonly RegExp[] = [/^account$/, /\/userinfo$/];

function weakSettingsOf({ name, audiences, roleMapping, subjectIsUserId }: IssuerSettings): readonly Finding[] {
  const shared = audiences.filter((audience) => SHARED_AUDIENCES.some((pattern) => pattern.test(audience)));
  const findings = shared.map((audience) =>
    warn(
      `${name} accepts the audience ${audience}, which tokens for every other application have, too. Give the issuer an audience of this server, and set \`audiences\` to it.`,
    ),
  );
  const gives = new Set(roleMapping.values());
  if (subjectIsUserId && (gives.has('ADMIN') || gives.has('OWNER')))
    findings.push(
      warn(
        `${name} states ids of this system and roles above CUSTOMER: it can name any user as an administrator. Map no such role unless the issuer is yours.`,
      ),
    );
  return findings;
}
