import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PARTS, type Part } from '../../src/app/parts.ts';
import { SHARDS_MAX } from '../../src/app/variables/shard-variables.ts';
import { StartError } from '../../src/platform/kernel/start-error.ts';

const PORT_MAX = 65_535;
const INSTANCES_MAX = 9;
export const BALANCERS = ['haproxy', 'nginx'] as const;
export type BalancerName = (typeof BALANCERS)[number];

export const USAGE = `npm run cluster -- [options]: every part of Stampede as processes of their own, behind a load balancer

  --data DIR          keep all data in DIR; without it, in a temporary directory that is removed at the end
  --port N            of the load balancer, which clients call (4000)
  --gateway-port N    the first of the gateways (4001)
  --ops-port N        the first of /healthz, /readyz and /metrics of the contexts: coupon, point, order … (3001)
  --grpc-port N       the first of gRPC, in the same order (50051)
                      0 chooses free ports for any of these
  --instances LIST    how many processes of a part, for example coupon=3,gateway=1 (coupon=2,gateway=2, others 1)
  --shards N          how many databases coupon and point have, each with its processes (1)
  --balancer NAME     haproxy or nginx (the first one found on PATH)
  --no-table          print lines, also in a terminal
  --help

DATABASE_URL, KAFKA_BROKERS, ETCD_ENDPOINTS and REDIS_URL: these instead of servers of its own. Other variables of the
environment (docs/configuration.md) are those of every process: STAMPEDE_SANDBOX=on npm run cluster`;

export interface ClusterOptions {
  /** Absolute. Undefined: a temporary one. */
  readonly dataDir: string | undefined;
  /** 0 chooses a free port. Of the others the first of a row. */
  readonly port: number;
  readonly gatewayPort: number;
  readonly opsPort: number;
  readonly grpcPort: number;
  readonly instances: Readonly<Record<Part, number>>;
  /** Of coupon and of point. */
  readonly shards: number;
  /** Undefined: the first one that is found. */
  readonly balancer: BalancerName | undefined;
  readonly table: boolean;
}

const ONE_OF_EACH = Object.fromEntries(PARTS.map((part) => [part, 1])) as Record<Part, number>;
const INSTANCES: ClusterOptions['instances'] = { ...ONE_OF_EACH, gateway: 2, coupon: 2 };

/** Undefined: help is wanted. @throws StartError with what to do */
export function readOptions(args: readonly string[]): ClusterOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parse(() =>
    parseArgs({
      args: [...args],
      options: {
        data: text,
        port: { ...text, default: '4000' },
        'gateway-port': { ...text, default: '4001' },
        'ops-port': { ...text, default: '3001' },
        'grpc-port': { ...text, default: '50051' },
        instances: { ...text, default: '' },
        shards: { ...text, default: '1' },
        balancer: text,
        'no-table': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  if (values.help) return undefined;
  return {
    dataDir: values.data === undefined ? undefined : resolve(values.data),
    port: portOf('--port', values.port),
    gatewayPort: portOf('--gateway-port', values['gateway-port']),
    opsPort: portOf('--ops-port', values['ops-port']),
    grpcPort: portOf('--grpc-port', values['grpc-port']),
    instances: { ...INSTANCES, ...instancesOf(values.instances) },
    shards: shardsOf(values.shards),
    balancer: balancerOf(values.balancer),
    table: !values['no-table'],
  };
}

function parse<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function portOf(name: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= PORT_MAX) return Number(text);
  throw new StartError(`${name} ${text} is no port. Give a number from 0 to ${PORT_MAX}.`);
}

function instancesOf(text: string): Partial<Record<Part, number>> {
  const entries = text.split(',').flatMap((item): [Part, number][] => {
    if (item.trim() === '') return [];
    const [name = '', count = ''] = item.split('=').map((word) => word.trim());
    const part = PARTS.find((known) => known === name);
    if (part !== undefined && /^[1-9]$/.test(count)) return [[part, Number(count)]];
    throw new StartError(
      `--instances ${item} must be a part and 1 to ${INSTANCES_MAX}, such as coupon=2. Parts: ${PARTS.join(', ')}.`,
    );
  });
  return Object.fromEntries(entries);
}

function shardsOf(text: string): number {
  if (/^\d$/.test(text) && Number(text) >= 1 && Number(text) <= SHARDS_MAX) return Number(text);
  throw new StartError(`--shards ${text} is not possible. Give a number from 1 to ${SHARDS_MAX}.`);
}

function balancerOf(text: string | undefined): BalancerName | undefined {
  if (text === undefined) return undefined;
  const name = BALANCERS.find((known) => known === text);
  if (name === undefined) throw new StartError(`--balancer ${text} is not known. Give ${BALANCERS.join(' or ')}.`);
  return name;
}
