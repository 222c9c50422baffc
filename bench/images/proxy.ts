import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { type Child, startChild } from '../support/child.ts';

/**
 * A caching proxy as a CDN has them at its edge: nginx with one worker, which keeps what `origin` allows it to keep. The header `x-cache` of a response is HIT or
 * MISS.
 */
export async function startProxy(origin: string, workDir: string): Promise<Child> {
  const directory = join(workDir, 'proxy');
  await mkdir(directory);
  const port = await freePort();
  const config = join(directory, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; pid ${directory}/nginx.pid; error_log stderr error; worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/temp; fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  proxy_cache_path ${directory}/cache keys_zone=images:10m max_size=1g;
  upstream origin { server ${new URL(origin).host}; keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache images;
      proxy_cache_lock on;
      add_header x-cache $upstream_cache_status;
    }
  }
}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => (ok ? url : undefined),
      () => undefined,
    );
  return await startChild(['nginx', '-p', directory, '-c', config, '-e', 'stderr'], {}, isReady);
}
