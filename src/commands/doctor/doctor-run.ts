import { readSettings } from '../../app/config.ts';
import { runDoctor } from '../../app/doctor/run-doctor.ts';
import { settingsFor } from '../../app/target-settings.ts';
import { readTarget } from '../../app/targets.ts';
import { doctorText } from './doctor-text.ts';

export interface DoctorOptions {
  /** all, or parts separated by commas. */
  readonly target: string;
  readonly processes: number;
  /** A number, or auto. Undefined: as WORKERS has it. */
  readonly workers?: string;
  readonly json: boolean;
}

/** `stampede doctor`: 0 when nothing has to be fixed, else 1. Warnings change nothing. */
export async function run({ target: parts, processes, workers, json }: DoctorOptions): Promise<number> {
  const target = readTarget(parts);
  const settings = settingsFor(
    target,
    readSettings({ ...process.env, ...(workers === undefined ? {} : { WORKERS: workers }) }),
  );
  const lines = await runDoctor({ settings, target, processes });
  const isHealthy = lines.every(({ verdict }) => verdict !== 'fail');
  process.stdout.write(
    json ? `${JSON.stringify({ ok: isHealthy, findings: lines }, undefined, 2)}\n` : doctorText(lines),
  );
  return isHealthy ? 0 : 1;
}
