import { createProgram } from './commands/program.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  // Imported late, as the bodies of the commands.
  const { errorReport } = await import('./commands/error-report.ts');
  const { text, exitCode } = errorReport(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
// A pool or timer that someone forgot must not keep a finished command alive.
process.exit();
