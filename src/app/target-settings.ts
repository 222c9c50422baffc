import { StartError } from '../platform/kernel/start-error.ts';
import type { Settings } from './config.ts';
import type { Part, Target } from './parts.ts';
import { completeProblems, databasesOf, partialProblems } from './target-problems.ts';
import { WAYS, type Way } from './variables/database-variables.ts';

/**
 * Returns the settings for this target: with the database of its parts.
 * @throws StartError with one line for each variable that the target needs or refuses
 */
export function settingsFor(target: Target, settings: Settings): Settings {
  const problems = [...(target.isComplete ? completeProblems(settings) : partialProblems(target, settings))];
  const [databaseUrl] = databasesOf(target, settings);
  const ways = WAYS.map((way) => {
    const [url, another] = new Set([...target.parts].flatMap((part) => wayTo(part, way, settings) ?? []));
    if (another !== undefined)
      problems.push(`This process has several of ${way}. Set one for all of its contexts, or set --target.`);
    return [way, url];
  });
  if (problems.length > 0) throw new StartError(problems.join('\n'));
  return { ...settings, databaseUrl, ways: Object.fromEntries(ways) };
}

/** The read replica or the pooler of a part's database. A context with a database of its own has those of that one, or none. */
export function wayTo(
  part: Part,
  way: Way,
  { services, ways }: Pick<Settings, 'services' | 'ways'>,
): string | undefined {
  const own = part === 'gateway' ? undefined : services.ways[way][part];
  return own ?? (services.databaseUrls[part] === undefined ? ways[way] : undefined);
}
