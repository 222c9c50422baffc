/** What the body of a command is: it answers the exit code. */
export type Body<Options> = (options: Options) => Promise<number>;

/** An action for commander that imports the body only now, and makes its answer the exit code. */
export const runBody =
  <Options>(load: () => Promise<{ readonly run: Body<Options> }>) =>
  async (options: Options): Promise<void> => {
    const { run } = await load();
    process.exitCode = await run(options);
  };
