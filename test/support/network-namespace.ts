import { execFileSync } from 'node:child_process';

/** A network namespace that is connected to this one by two virtual devices. */
export interface NetworkNamespace {
  /** Its own address, as this namespace reaches it. */
  readonly address: string;
  /** The address of this namespace, as it reaches it. */
  readonly peer: string;
  /** Runs the command behind it inside. */
  readonly prefix: readonly string[];
  /** From now on no packet arrives, in either direction, and neither side gets an error. */
  dropPackets(): void;
  passPackets(): void;
  remove(): void;
}

/** No device has it: a packet that is sent to it is dropped by whatever receives it. */
const NOWHERE = '02:00:00:00:00:01';

/** True where namespaces can be made: Linux, root, iproute2. Elsewhere one line says what is left out. */
export function canDropPackets(): boolean {
  try {
    openNamespace().remove();
    return true;
  } catch (error) {
    const [reason] = String(error).split('\n');
    process.stderr.write(`The tests with lost packets are left out: no network namespace (${reason}).\n`);
    return false;
  }
}

export function openNamespace(): NetworkNamespace {
  const id = process.pid % 16_384;
  const [name, here, there] = [`stampede-${id}`, `st${id}a`, `st${id}b`];
  const [peer, address] = [1, 2].map((host) => `10.231.${id >> 6}.${((id & 63) << 2) + host}`) as [string, string];
  const prefix = ['ip', 'netns', 'exec', name];
  const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const inside = (...args: readonly string[]) => ip('-n', name, ...args);
  const remove = () => ip('netns', 'del', name); // and with it both devices
  ip('netns', 'add', name);
  try {
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    ip('addr', 'add', `${peer}/30`, 'dev', here);
    inside('addr', 'add', `${address}/30`, 'dev', there);
    ip('link', 'set', here, 'up');
    inside('link', 'set', there, 'up');
    inside('link', 'set', 'lo', 'up');
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address,
    peer,
    prefix,
    dropPackets() {
      ip('neigh', 'replace', address, 'lladdr', NOWHERE, 'dev', here, 'nud', 'permanent');
      inside('neigh', 'replace', peer, 'lladdr', NOWHERE, 'dev', there, 'nud', 'permanent');
    },
    passPackets() {
      ip('neigh', 'del', address, 'dev', here);
      inside('neigh', 'del', peer, 'dev', there);
    },
    remove,
  };
}
