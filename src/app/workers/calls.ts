/** Operations that a process offers to the other end of its channel. */
type Api = Readonly<Record<string, (argument: never) => Promise<unknown>>>;
type ArgumentOf<Remote extends Api, Name extends keyof Remote> = Parameters<Remote[Name]>;
type ResultOf<Remote extends Api, Name extends keyof Remote> = Awaited<ReturnType<Remote[Name]>>;

/** The channel between a worker process and its primary, seen from one end. */
export interface Channel {
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

export type Call<Remote extends Api> = <Name extends keyof Remote & string>(
  name: Name,
  ...argument: ArgumentOf<Remote, Name>
) => Promise<ResultOf<Remote, Name>>;

type Message =
  | { readonly call: number; readonly name: string; readonly argument: unknown }
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: string };

/**
 * Offers `own` to the other end. Returns how to call what that end offers: a call rejects with the message of what the operation threw, or
 * when the channel closes.
 */
export function openCalls<Remote extends Api>(channel: Channel, own: Api): Call<Remote> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;
  let isClosed = false;

  const send = (message: Message): void => {
    if (!isClosed) channel.send(message);
  };
  const execute = (id: number, name: string, argument: unknown): void => {
    const operation = own[name] as ((argument: unknown) => Promise<unknown>) | undefined;
    if (operation === undefined) throw new Error(`the other process calls ${name}, which this one does not have`);
    operation(argument).then(
      (value) => send({ reply: id, value }),
      (error: Error) => send({ reply: id, error: error.message }),
    );
  };
  channel.onMessage((received) => {
    const message = received as Message;
    if ('call' in message) return execute(message.call, message.name, message.argument);
    const call = waiting.get(message.reply);
    waiting.delete(message.reply);
    if ('error' in message) call?.reject(new Error(message.error));
    else call?.resolve(message.value);
  });
  channel.onClose(() => {
    isClosed = true;
    for (const call of waiting.values()) call.reject(new Error('the other process has ended'));
    waiting.clear();
  });

  return (name, ...[argument]) => {
    const call = Promise.withResolvers<unknown>();
    if (isClosed) call.reject(new Error('the other process has ended'));
    else waiting.set(++count, call);
    send({ call: count, name, argument });
    return call.promise as Promise<never>;
  };
}
