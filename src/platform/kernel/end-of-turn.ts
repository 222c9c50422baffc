let turn: Promise<void> | undefined;

/**
 * Resolves with `value` when what has arrived by now is read. Refusals from memory are then sent together, like those of a batch: written
 * one by one, each wakes the peer, which costs more than the refusal itself (8,100 against 16,900 refusals/s, 512 connections).
 */
export function endOfTurn<Value>(value: Value): Promise<Value> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn.then(() => value);
}
