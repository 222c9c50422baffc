import { readSettings } from '../../app/config.ts';
import { aclScript, kafkaAcls } from '../../app/kafka-acls.ts';

export interface AclsOptions {
  readonly userPrefix: string;
  readonly json: boolean;
}

/** `stampede kafka acls`: with the prefix of KAFKA_TOPIC_PREFIX. */
export async function run({ userPrefix, json }: AclsOptions): Promise<number> {
  const { prefix = '' } = readSettings(process.env).kafka ?? {};
  const rules = () => kafkaAcls(prefix).map((rule) => ({ ...rule, user: userPrefix + rule.user }));
  process.stdout.write(json ? `${JSON.stringify(rules(), undefined, 2)}\n` : aclScript({ prefix, userPrefix }));
  return 0;
}
