import type { Accounts } from '../accounts/index.ts';
import { systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import type { StreamDesk } from '../control/index.ts';
import { tlsOf, type BoxCertificate } from '../http/index.ts';
import { RtspServer } from '../rtsp-server/index.ts';
import type { Problems } from '../telemetry/index.ts';

export interface RtspSources {
  readonly store: SettingsStore;
  readonly accounts: Accounts;
  readonly streams: StreamDesk;
  readonly certificate: BoxCertificate;
  readonly problems: Problems;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** The RTSP server, with the certificate of the web door. */
export function rtspServerOf({ store, accounts, streams, certificate, problems, log }: RtspSources): RtspServer {
  return new RtspServer({
    streams,
    clock: systemClock,
    settings: () => store.settings.rtspServer,
    login: (address) => accounts.digestLogin(address),
    tls: {
      options: async () => tlsOf(await certificate.open()),
      listen: (changed) => certificate.listen((pair) => changed(tlsOf(pair))),
    },
    blocked: (error) => {
      if (error) problems.raise(error.code, 'box', 'warning', error.context);
      else problems.clear('rtsp-server.port-in-use', 'box');
    },
    log,
  });
}
