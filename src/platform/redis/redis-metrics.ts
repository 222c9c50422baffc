import { Counter, Gauge, type Registry } from 'prom-client';

/** How a command ended. `skipped`: it was not sent, because Redis is not connected or rests after time-outs. */
export type CommandOutcome = 'ok' | 'failed' | 'timeout' | 'skipped';

/** `isUsed` is called when metrics are collected. */
export function redisMetrics(registry: Registry, isUsed: () => boolean): { count(outcome: CommandOutcome): void } {
  const registers = [registry];
  const commands = new Counter({
    name: 'stampede_redis_commands_total',
    help: 'Commands to Redis, by how they ended',
    labelNames: ['outcome'],
    registers,
  });
  new Gauge({
    name: 'stampede_redis_up',
    help: 'Whether Redis is connected and gets commands: 1, or 0',
    registers,
    collect() {
      this.set(isUsed() ? 1 : 0);
    },
  });
  return { count: (outcome) => commands.inc({ outcome }) };
}
