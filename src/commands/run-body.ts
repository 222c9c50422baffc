/** The body of a command. Returns the exit code. */
export type Body<Options> = (options: Options) => Promise<number>;

/** A commander action that imports the body lazily and uses its result as the exit code. */
export const runBody =
  <Options>(load: () => Promise<{ readonly run: Body<Options> }>) =>
  async (options: Options): Promise<void> => {
    const { run } = await load();
    process.exitCode = await run(options);
  };
