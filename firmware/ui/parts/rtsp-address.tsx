import type { JSX } from 'preact';
import type { Output } from '../box/client.ts';
import { CopyText } from './controls.tsx';

export type RtspOverview = Output<'rtsp.show'>;
export interface RtspLogin {
  readonly user: string;
  readonly password: string;
}

/** Where a stream is to be had from this box, as this window reaches it; the readable one last. Empty while no port is listened at. */
export function rtspAddresses(
  { port, securePort }: Pick<RtspOverview, 'port' | 'securePort'>,
  path: string,
  login?: RtspLogin,
): string[] {
  const host = `${login ? `${login.user}:${login.password}@` : ''}${location.hostname}`;
  return [
    ...(securePort > 0 ? [`rtsps://${host}:${securePort}${path}`] : []),
    ...(port > 0 ? [`rtsp://${host}:${port}${path}`] : []),
  ];
}

/** Both addresses of a stream, to be copied. */
export function StreamAddresses({ overview, path }: { overview: RtspOverview; path: string }): JSX.Element {
  return (
    <span class="addresses">
      {rtspAddresses(overview, path).map((address) => (
        <CopyText key={address} text={address} />
      ))}
    </span>
  );
}
