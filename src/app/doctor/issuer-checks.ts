import type { IssuerSettings } from '../../platform/http/foreign-tokens/issuer-settings.ts';
import { readUsableKeys } from '../../platform/http/foreign-tokens/key-set.ts';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { type Check, type Finding, fail, ok } from './finding.ts';

/** Whether the keys of other issuers can be read and used. */
export const ISSUER_CHECKS: readonly Check[] = [
  {
    name: 'other issuers',
    run: ({ settings, target }) => (target.parts.has('gateway') ? Promise.all(settings.issuers.map(keysOf)) : []),
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
