import { DEAD_LETTER_SUFFIX } from '../platform/events/kafka/topic-names.ts';
import { contextsByName, runs } from './contexts.ts';
import { CONSUMED, CONSUMERS, OWNERS, SIGNED_TOPICS, TOPICS, WRITERS } from './event-catalogue.ts';

export type AclOperation = 'Read' | 'Write' | 'Create' | 'Describe' | 'DescribeConfigs';

/** What a user may do with some topics or consumer groups. Names begin with the prefix. */
export interface AclRule {
  /** A service, `provider` for who reports payments from outside, or `operator` for the command line. */
  readonly user: string;
  readonly resource: 'topic' | 'group';
  /** `prefixed`: every name that begins with one of these. */
  readonly pattern: 'literal' | 'prefixed';
  readonly names: readonly string[];
  readonly operations: readonly AclOperation[];
}

/** Who reports payments without being a part of this system. */
const PROVIDER = 'provider';
/** Who runs `stampede dlq` and `stampede events`. */
const OPERATOR = 'operator';

/**
 * The access rules of a cluster, from the catalogue of events. A service creates and writes its own topics, reads what it consumes, and
 * writes what it cannot handle to the dead letters of those. The gateway needs none: it neither publishes nor consumes.
 */
export function kafkaAcls(prefix: string): readonly AclRule[] {
  const named = (names: readonly string[]): readonly string[] => names.map((name) => prefix + name).toSorted();
  const letters = (names: readonly string[]): readonly string[] =>
    named(names.map((name) => name + DEAD_LETTER_SUFFIX));
  const rules: AclRule[] = [];
  for (const { name } of contextsByName().filter(runs)) {
    const topic = { user: name, resource: 'topic', pattern: 'literal' } as const;
    const consumed = CONSUMERS[name] ?? [];
    const foreign = WRITERS[name].filter((each) => !OWNERS[name].includes(each));
    rules.push(
      { ...topic, names: named(OWNERS[name]), operations: ['Create', 'Write', 'Describe', 'DescribeConfigs'] },
      {
        ...topic,
        names: letters(OWNERS[name].filter((each) => CONSUMED.has(each))),
        operations: ['Create', 'Describe', 'DescribeConfigs'],
      },
      { ...topic, names: named(foreign), operations: ['Write', 'Describe'] },
      { ...topic, names: named(consumed), operations: ['Read', 'Describe'] },
      { ...topic, names: letters(consumed), operations: ['Write', 'Describe'] },
    );
    if (consumed.length > 0) {
      const names = [`${prefix}${name}.`];
      rules.push({ user: name, resource: 'group', pattern: 'prefixed', names, operations: ['Read'] });
    }
  }
  const everything = Object.keys(TOPICS);
  rules.push(
    {
      user: PROVIDER,
      resource: 'topic',
      pattern: 'literal',
      names: named([...SIGNED_TOPICS]),
      operations: ['Write', 'Describe'],
    },
    {
      user: OPERATOR,
      resource: 'topic',
      pattern: 'literal',
      names: [...named(everything), ...letters([...CONSUMED])].toSorted(),
      operations: ['Read', 'Write', 'Describe'],
    },
  );
  return rules.filter(({ names }) => names.length > 0);
}

export interface AclScript {
  readonly prefix: string;
  /** Before the name of each user, for example `stampede-`. */
  readonly userPrefix: string;
}

/** A shell script that sets the rules with the tools of Kafka. It takes the brokers and a file with the administrator's access. */
export function aclScript({ prefix, userPrefix }: AclScript): string {
  const lines = kafkaAcls(prefix).map(({ user, resource, pattern, names, operations }) =>
    [
      `add --allow-principal 'User:${userPrefix}${user}'`,
      `  ${operations.map((operation) => `--operation ${operation}`).join(' ')} --resource-pattern-type ${pattern}`,
      ...names.map((name) => `  --${resource} '${name}'`),
    ].join(' \\\n'),
  );
  return `${HEAD}\n${lines.join('\n\n')}\n`;
}

const HEAD = `#!/bin/sh
# The access rules of Kafka for each service of Stampede, from the catalogue of events: stampede kafka acls
# "operator" is who runs \`stampede dlq\` and \`stampede events\`; "provider" reports payments from outside.
# Usage: kafka-acls.sh on the PATH, and BROKERS=host:port COMMAND_CONFIG=admin.properties sh stampede-acls.sh
set -eu
add() {
  kafka-acls.sh --bootstrap-server "$BROKERS" --command-config "$COMMAND_CONFIG" --add "$@"
}
`;
