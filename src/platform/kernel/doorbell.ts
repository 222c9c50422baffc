export interface Doorbell {
  /** Rings before anybody waits count, and many count as one. */
  ring(): void;
  /** Waits for a ring, at most `ms`. Answers whether it rang. One waiter at a time. */
  wait(ms: number): Promise<boolean>;
}

export function doorbell(): Doorbell {
  let rung = false;
  let open: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      open?.();
    },
    async wait(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          open = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        open = undefined;
      }
      const answer = rung;
      rung = false;
      return answer;
    },
  };
}
