/** Serves every transport, and prints the ports as one line of JSON. */
import { TRANSPORTS } from './transports.ts';

const ports = await Promise.all(TRANSPORTS.map((transport) => transport.serve()));
console.log(JSON.stringify({ url: ports.join(',') }));
