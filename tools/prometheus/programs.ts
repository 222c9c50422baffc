import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Prometheus or Alertmanager is not installed. The message says how to get it. */
export class NoPrometheus extends Error {
  override readonly name = 'NoPrometheus';
}

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
}

/** The programs on PATH; Debian has Alertmanager under a name of its own. @throws NoPrometheus when one is missing */
export async function prometheusPrograms(): Promise<PrometheusPrograms> {
  const [prometheus, promtool, alertmanager, amtool] = await Promise.all([
    firstOf(['prometheus']),
    firstOf(['promtool']),
    firstOf(['alertmanager', 'prometheus-alertmanager']),
    firstOf(['amtool']),
  ]);
  return { prometheus, promtool, alertmanager, amtool };
}

async function firstOf(names: readonly string[]): Promise<string> {
  for (const name of names) {
    const isThere = await run(name, ['--version']).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  throw new NoPrometheus(`${names[0]} is not on PATH (Debian: apt-get install prometheus prometheus-alertmanager)`);
}
