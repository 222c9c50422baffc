import { NoPrometheus, type PrometheusPrograms, prometheusPrograms } from '../../tools/prometheus/programs.ts';

/**
 * Prometheus, Alertmanager and their tools. Undefined: they are not here, their tests are left out, and a line says so; with REQUIRE_PROMETHEUS=1 that is
 * a failure. Ask at the top of a test file, for `describe.skipIf`.
 */
export async function testPrometheus(): Promise<PrometheusPrograms | undefined> {
  try {
    return await prometheusPrograms();
  } catch (error) {
    if (!(error instanceof NoPrometheus) || process.env['REQUIRE_PROMETHEUS'] === '1') throw error;
    process.stderr.write(`The tests with Prometheus are left out: ${error.message}.\n`);
    return undefined;
  }
}
