/** A receiver of webhooks: responds at once and counts, or with `dead` never responds. Prints its port. GET returns the count. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const isDead = process.argv[2] === 'dead';
let count = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(String(count));
  request.resume().on('end', () => {
    count += 1;
    if (!isDead) response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(String((server.address() as AddressInfo).port)));
