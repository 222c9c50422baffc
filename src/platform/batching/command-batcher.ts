import { type Keyed, outcomeOf, type Replay } from '../kernel/command-key.ts';
import { type BatcherDeps, createBatcher, type Priority } from './batcher.ts';

/** What the batchers of a context have in common when each has a store of its own. */
export interface StoreBatcherDeps<Store> extends BatcherDeps {
  /** The store of one batcher, with one connection for each batch that runs at the same time. */
  readonly storeFor: (batcher: string, concurrency: number) => Store;
  /** The largest number of commands in a batch. */
  readonly batchMax: number;
}

/** Executes all commands of a kind. Every call rejects with Unavailable as batchers do. */
export interface CommandBatcher<Command, Outcome> {
  /** For a request that waits for the outcome. */
  submit(command: Command): Promise<Outcome>;
  /** The same for a command that may carry a key. */
  submitOnce(command: Command & Keyed<Outcome>): Promise<Outcome | Replay>;
  /** For scheduled tasks and events, so that requests do not wait behind them. */
  submitBulk(command: Command): Promise<Outcome>;
  /** Resolves when nothing is queued or running. */
  stop(): Promise<void>;
}

/** Decides and stores one batch. Rejects with the error of the store. */
export type ExecuteBatch<Store, Command, Outcome> = (
  store: Store,
  batch: readonly (Command & Keyed<Outcome>)[],
) => Promise<readonly (Outcome | Replay)[]>;

/**
 * A batch waits for every row that it locks, so commands that may wait long have a batcher of their own, and the others do not wait behind
 * them.
 */
export interface CommandBatcherOptions<Name extends string, Store, Command, Outcome> {
  readonly execute: ExecuteBatch<Store, Command, Outcome>;
  /** The batchers by name. `batchMax`: default that of the context. */
  readonly batchers: Readonly<Record<Name, { readonly concurrency: number; readonly batchMax?: number }>>;
  readonly batcherOf: (command: Command) => Name;
  /** The batcher of `submitBulk`. Default: that of the command. */
  readonly bulk?: Name;
  readonly priorityOf: (command: Command) => Priority;
}

export function commandBatcher<Name extends string, Store, Command, Outcome>(
  { storeFor, batchMax, ...deps }: StoreBatcherDeps<Store>,
  { execute, batchers, batcherOf, bulk, priorityOf }: CommandBatcherOptions<Name, Store, Command, Outcome>,
): CommandBatcher<Command, Outcome> {
  type KeyedCommand = Command & Keyed<Outcome>;
  const open = (name: Name) => {
    const { concurrency, batchMax: ownBatchMax = batchMax } = batchers[name];
    const store = storeFor(name, concurrency);
    const run = (batch: readonly KeyedCommand[]) => execute(store, batch);
    return createBatcher({ ...deps, name, execute: run, batchMax: ownBatchMax, concurrency });
  };
  const names = Object.keys(batchers) as Name[];
  const opened = Object.fromEntries(names.map((name) => [name, open(name)])) as Record<Name, ReturnType<typeof open>>;
  // A command without a key is one whose key is undefined; TypeScript does not infer that of a type parameter.
  const submitTo = (name: Name, command: Command) => opened[name].submit(command as KeyedCommand, priorityOf(command));
  const submitOnce = (command: Command) => submitTo(batcherOf(command), command);

  return {
    submit: (command) => submitOnce(command).then(outcomeOf),
    submitOnce,
    submitBulk: (command) => submitTo(bulk ?? batcherOf(command), command).then(outcomeOf),
    async stop() {
      await Promise.all(names.map((name) => opened[name].drain()));
    },
  };
}
