/** How messages name the program, with npm's own runner: it finds the program in a clone, in a project that installed it, and after a global installation. */
const PROGRAM = 'npx stampede-server';

/** Returns a command of this program as an operator types it, for messages that say what to run. */
export const commandLine = (command: string): string => `${PROGRAM} ${command}`;
