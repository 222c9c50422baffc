import type { AddressInfo, Server } from 'node:net';

/** How often each server has a change to tell. */
const CHANGE_MS = 250;

/** Calls `tell` with a change every 250 ms, and prints the address of the server for who started it. */
export function tellChanges(server: Server, tell: (text: string) => void): void {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
    console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  });
  let remaining = 1_000_000;
  setInterval(() => {
    remaining -= 1;
    tell(JSON.stringify({ couponPolicyId: '7330011234567890', remaining, at: String(Date.now()) }));
  }, CHANGE_MS);
}
