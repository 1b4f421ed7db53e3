import type { Box } from './box.ts';

export const LOCAL_ADMIN_PASSWORD = 'correct horse battery staple';

/** Headers of somebody who has signed in at the door of this machine. */
export interface BoxSession {
  readonly headers: Readonly<Record<string, string>>;
  post(path: string, json: unknown): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

/** Sets the box up if nobody has, and signs in. */
export async function signInAt(box: Box, name = 'admin'): Promise<BoxSession> {
  const raw = (path: string, json: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${box.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    });
  const claimed = await box.call<{ claimed: boolean; claimCode?: string }>('box.claimed');
  if (!claimed.claimed) {
    await raw('/api/box/claim', { claimCode: claimed.claimCode, user: 'admin', password: LOCAL_ADMIN_PASSWORD });
  }
  const answer = await raw('/api/session', { name, password: LOCAL_ADMIN_PASSWORD });
  if (!answer.ok) throw new Error(await answer.text());
  const { csrf } = (await answer.json()) as { csrf: string };
  const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const headers = { cookie, origin: box.url, 'x-csrf-token': csrf };
  return {
    headers,
    post: (path, json) => raw(path, json, headers),
    get: (path, more = {}) => fetch(`${box.url}${path}`, { headers: { ...headers, ...more } }),
  };
}
