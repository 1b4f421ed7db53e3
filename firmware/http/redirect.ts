import type { RequestListener } from 'node:http';

const HOST = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?=$|:\d{1,5}$)/i;

/** Leads whoever comes without TLS to the same place with it, and does nothing else. */
export function redirectTo(port: () => number): RequestListener {
  return (request, response) => {
    const host = HOST.exec(request.headers.host ?? '')?.[0];
    const path = request.url?.startsWith('/') && !request.url.startsWith('//') ? request.url.slice(0, 2000) : '/';
    request.resume();
    if (host === undefined) response.writeHead(400, { connection: 'close' });
    else response.writeHead(308, { location: `https://${host}:${port()}${path}`, connection: 'close' });
    response.end();
  };
}
