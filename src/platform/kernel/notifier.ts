export interface Notifier {
  /** Wakes the waiter. A call before `wait` is remembered; several calls count as one. */
  notify(): void;
  /** Waits for a notification, at most `ms`. Returns whether there was one. Only one waiter at a time. */
  wait(ms: number): Promise<boolean>;
}

export function createNotifier(): Notifier {
  let notified = false;
  let open: (() => void) | undefined;
  return {
    notify() {
      notified = true;
      open?.();
    },
    async wait(ms) {
      if (!notified) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          open = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        open = undefined;
      }
      const wasNotified = notified;
      notified = false;
      return wasNotified;
    },
  };
}
