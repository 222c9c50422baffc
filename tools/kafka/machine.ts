/** Where a broker of this machine's Java keeps its data, and how it is reached. */
export interface KafkaOptions {
  /** Where its data stays for the next start, which needs Java. Absent: in a temporary directory. */
  readonly keepIn?: string;
  /** Returns the port that is advertised for this one, such as that of a proxy. Needs Java. */
  readonly advertise?: (port: number) => Promise<number>;
}

/** A broker that can be started and stopped. */
export interface Machine {
  /** Of the listener, for KAFKA_BROKERS. The same after every launch. */
  readonly address: string;
  /** Of the process, while it runs. Undefined: it is not one of this machine. */
  pid?(): number | undefined;
  /** Starts it on existing data. Resolves when it serves. Rejects with what it printed last when it does not. */
  start(): Promise<void>;
  isAlive(): Promise<boolean>;
  /** At once, without a farewell. Resolves when it is gone. */
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Removes the data. Only after `kill`. */
  remove(): Promise<void>;
}
