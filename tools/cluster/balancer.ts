import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StartError } from '../../src/platform/kernel/start-error.ts';
import { BALANCERS, type BalancerName } from './options.ts';

/** Debian keeps them out of the PATH of users. */
const ALSO = ['/usr/sbin', '/usr/local/sbin'];

/** The program of a load balancer. @throws StartError with how to get one */
export function findBalancer(wanted: BalancerName | undefined): {
  readonly name: BalancerName;
  readonly program: string;
} {
  const names = wanted === undefined ? BALANCERS : [wanted];
  for (const name of names) {
    const program = programOf(name);
    if (program !== undefined) return { name, program };
  }
  throw new StartError(
    `There is no ${names.join(' or ')} here, which spreads the requests over the gateways. Debian: apt-get install -y --no-install-recommends ${names[0]}`,
  );
}

export function programOf(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...ALSO].filter((each) => each !== '');
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Balancing {
  readonly port: number;
  readonly gatewayPorts: readonly number[];
  /** Where it may write. */
  readonly directory: string;
}

export interface BalancerFile {
  readonly file: string;
  readonly text: string;
  /** After the program. */
  readonly args: readonly string[];
}

/** Returns the configuration and the command line. Both let streams run, and send a request again only when it was not sent. */
export function balancerFile(name: BalancerName, balancing: Balancing): BalancerFile {
  const file = join(balancing.directory, `${name}.conf`);
  return name === 'haproxy'
    ? { file, text: haproxyText(balancing), args: ['-db', '-f', file] }
    : { file, text: nginxText(balancing), args: ['-e', 'stderr', '-p', balancing.directory, '-c', file] };
}

/**
 * It asks each gateway whether it is ready, and prefers the one with the fewest connections. A gateway asks its own dependencies for up to 2 s first; with
 * haproxy's default, which is the interval, both gateways of a busy machine were taken for dead and every client got 503.
 *
 * When no gateway is ready, because all of them lack PostgreSQL, requests go to all: a gateway responds with a problem document and Retry-After, haproxy with neither.
 */
const haproxyText = ({ port, gatewayPorts }: Balancing): string => `global
  maxconn 8192
  # The gateway refuses headers above 16 kB itself, as a problem document.
  tune.bufsize 65536
defaults
  mode http
  timeout connect 2s
  timeout check 3s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 75s
  option http-keep-alive
  http-reuse safe
  option forwardfor
  option redispatch
  retries 3
frontend clients
  bind 127.0.0.1:${port}
  default_backend gateways
backend gateways
  balance leastconn
  option allbackups
  option httpchk GET /readyz
${gatewayPorts.map((each, index) => `  server gateway-${index + 1} 127.0.0.1:${each} check inter 500ms fall 3 rise 1`).join('\n')}
${gatewayPorts.map((each, index) => `  server unready-${index + 1} 127.0.0.1:${each} backup`).join('\n')}
`;

const nginxText = ({ port, gatewayPorts, directory }: Balancing): string => `daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events {
  worker_connections 8192;
}
http {
  access_log off;
  client_body_temp_path ${directory}/nginx-body;
  proxy_temp_path ${directory}/nginx-proxy;
  fastcgi_temp_path ${directory}/nginx-fastcgi;
  uwsgi_temp_path ${directory}/nginx-uwsgi;
  scgi_temp_path ${directory}/nginx-scgi;
  # The gateway refuses headers above 16 kB and large bodies itself, as problem documents.
  large_client_header_buffers 8 32k;
  client_max_body_size 0;
  underscores_in_headers on;
  upstream gateways {
    least_conn;
${gatewayPorts.map((each) => `    server 127.0.0.1:${each} max_fails=1 fail_timeout=1s;`).join('\n')}
    keepalive 512;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
    }
  }
}
`;
