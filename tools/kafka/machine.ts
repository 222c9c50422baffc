/** A broker as a thing that can be switched on and off; who uses it waits until it answers. */
export interface Machine {
  /** Of the listener, for KAFKA_BROKERS. The same after every launch. */
  readonly address: string;
  /** Starts it on the data that is there. Answers when the process runs, not when it serves. */
  launch(): Promise<void>;
  /** Throws what it printed last when it is no longer there. */
  check(): Promise<void>;
  /** At once, without a farewell. Resolves when it is gone. */
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Removes the data. Only after `kill`. */
  remove(): Promise<void>;
}
