import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../cached-program.ts';
import { canRun, fetchJars, type Jars } from '../maven.ts';
import { documentOfRoutes } from '../openapi/document.ts';
import { pythonEnvironment } from '../python-environment.ts';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const JARS: Jars = {
  name: 'openapi-generator',
  pom: join(HERE, 'pom.xml'),
  folder: join(cacheFolder(), 'openapi-generator'),
};
const GENERATOR = /^openapi-generator-cli-.*\.jar$/;
const PYTHON_PACKAGE = 'stampede_client';
/** Its log has a line for each file. */
const OUTPUT_BYTES_MAX = 50_000_000;

/** Clients that openapi-generator makes of the OpenAPI document without aliases. They show that it is digestible, and are not shipped. */
export const hasGenerator = (): Promise<boolean> => canRun(JARS);

/** Generates the Java client below `dir` and compiles it. Returns how many classes there are. @throws Error with what the tools say */
export async function compileJavaClient(dir: string): Promise<number> {
  const jars = await fetchJars(JARS);
  const options = ['--library', 'native', '--additional-properties=openApiNullable=false,useJakartaEe=true'];
  await generate(jars, 'java', dir, options);
  const sources = join(dir, 'src/main/java');
  const files = (await readdir(sources, { recursive: true })).filter((file) => file.endsWith('.java'));
  const list = join(dir, 'sources.txt');
  await writeFile(list, files.map((file) => join(sources, file)).join('\n'));
  const libraries = (await readdir(jars)).filter((file) => file.endsWith('.jar') && !GENERATOR.test(file));
  const classPath = libraries.map((file) => join(jars, file)).join(':');
  await tool('javac', '-nowarn', '-d', join(dir, 'classes'), '-cp', classPath, `@${list}`);
  return files.length;
}

/** Generates the Python client below `dir` and imports every module. Returns how many there are. @throws Error with what the tools say */
export async function importPythonClient(dir: string): Promise<number> {
  await generate(await fetchJars(JARS), 'python', dir, [`--additional-properties=packageName=${PYTHON_PACKAGE}`]);
  const programs = await pythonEnvironment('python-client', join(HERE, 'requirements.txt'));
  const { stdout } = await run(join(programs, 'python'), [join(HERE, 'import_all.py'), PYTHON_PACKAGE], {
    env: { PYTHONPATH: dir },
  });
  return Number(stdout);
}

async function generate(jars: string, language: string, dir: string, options: readonly string[]): Promise<void> {
  const [generator = ''] = (await readdir(jars)).filter((file) => GENERATOR.test(file));
  await mkdir(dir, { recursive: true });
  const document = join(dir, 'openapi.json');
  await writeFile(document, JSON.stringify(documentOfRoutes({ withoutAliases: true })));
  // The clients alone, without tests and documents of their own.
  const parts = 'apiTests=false,modelTests=false,apiDocs=false,modelDocs=false';
  const what = ['-g', language, '-i', document, '-o', dir, '--global-property', parts];
  await tool('java', '-jar', join(jars, generator), 'generate', ...what, ...options);
}

async function tool(program: string, ...args: string[]): Promise<void> {
  await run(program, args, { maxBuffer: OUTPUT_BYTES_MAX }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${program} failed: ${error.stderr || error.stdout.slice(-2_000)}`);
  });
}
