/** One event of a stream. */
export interface StreamEvent {
  readonly name: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: events of every shape
  readonly data: any;
}

export interface NoticeClient {
  readonly status: number;
  /** What has arrived so far. */
  readonly events: readonly StreamEvent[];
  /** Resolves when the stream has ended, whoever ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens a stream of notices. Resolves with its headers. */
export async function openNotices(
  base: string,
  headers: Readonly<Record<string, string>>,
  onEvent: (event: StreamEvent) => void = () => {},
): Promise<NoticeClient> {
  const leaving = new AbortController();
  const response = await fetch(`${base}/api/v1/notifications/stream`, { headers, signal: leaving.signal });
  const events: StreamEvent[] = [];
  async function read(): Promise<void> {
    let unread = '';
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      unread += chunk;
      const blocks = unread.split('\n\n');
      unread = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
        const name = fields.get('event');
        if (name === undefined) continue;
        const event = { name, id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '') };
        events.push(event);
        onEvent(event);
      }
    }
  }
  return {
    status: response.status,
    events,
    ended: read().catch(() => undefined),
    close: () => leaving.abort(),
  };
}
