import { join } from 'node:path';
import { pythonEnvironment } from '../../tools/python-environment.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** Installs the fuzzer once. Returns the path of its command. @throws NoPython */
export const installSchemathesis = async (): Promise<string> =>
  join(await pythonEnvironment('schemathesis', REQUIREMENTS), 'schemathesis');
