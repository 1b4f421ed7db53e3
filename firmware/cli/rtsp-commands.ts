import type { Command } from './command.ts';
import { numberOption } from './number-option.ts';

interface Shown {
  readonly enabled: boolean;
  readonly port: number;
  readonly securePort: number;
  readonly udpPort: number;
  readonly cameras: readonly { readonly streams: readonly { readonly path: string }[] }[];
  readonly readers: readonly {
    readonly camera: string;
    readonly stream: string;
    readonly user: string;
    readonly address: string;
    readonly transport: string;
    readonly droppedPictures: number;
  }[];
}

interface Password {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly owner: string;
  readonly cameras?: readonly string[];
  readonly expires?: string;
}

const rtspShow: Command = {
  name: 'rtsp show',
  usage: 'rtsp show',
  help: 'shows where players and other recorders get live streams, and who takes one now',
  words: 0,
  run: async ({ host }) => {
    const shown = (await host.call('rtsp.show', {})) as Shown;
    return { json: shown, text: formatShown(shown) };
  },
};

const passwordsList: Command = {
  name: 'rtsp passwords list',
  usage: 'rtsp passwords list',
  help: 'lists the names for players and recorders, without their passwords',
  words: 0,
  run: async ({ host }) => {
    const passwords = (await host.call('rtsp.passwords.list', {})) as Password[];
    const text = passwords.length === 0 ? 'There are no RTSP passwords.' : passwords.map(formatPassword).join('\n');
    return { json: passwords, text };
  },
};

const passwordsCreate: Command = {
  name: 'rtsp passwords create',
  usage: 'rtsp passwords create LABEL [--cameras ID,ID] [--days N]',
  help: 'makes a name and password for a player or recorder and shows them, this once',
  words: 1,
  options: { cameras: { type: 'string' }, days: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const { cameras } = options;
    const made = (await host.call('rtsp.passwords.create', {
      label: words[0],
      ...(typeof cameras === 'string' ? { cameras: cameras.split(',') } : {}),
      ...numberOption(options, 'days'),
    })) as Password & { readonly password: string };
    const text = `User name: ${made.user}\nPassword:  ${made.password}\nThis password is not shown again.`;
    return { json: made, text };
  },
};

const passwordsRevoke: Command = {
  name: 'rtsp passwords revoke',
  usage: 'rtsp passwords revoke ID',
  help: 'revokes an RTSP password; streams that were opened with it end',
  words: 1,
  run: async ({ words, host }) => {
    const revoked = (await host.call('rtsp.passwords.revoke', { id: words[0] })) as { id: string };
    return { json: revoked, text: `The RTSP password ${revoked.id} is no longer taken.` };
  },
};

function formatShown({ enabled, port, securePort, udpPort, cameras, readers }: Shown): string {
  if (!enabled) return 'The RTSP server is off: set rtspServer.enabled.';
  const addresses = cameras
    .flatMap(({ streams }) => streams)
    .flatMap(({ path }) => [
      ...(port > 0 ? [`rtsp://BOX:${port}${path}`] : []),
      ...(securePort > 0 ? [`rtsps://BOX:${securePort}${path}`] : []),
    ]);
  const reading = readers.map(
    ({ camera, stream, user, address, transport, droppedPictures }) =>
      `${user} at ${address} reads ${camera}/${stream} over ${transport}, ${droppedPictures} pictures left out`,
  );
  const udp = udpPort > 0 ? `UDP from the ports ${udpPort} and ${udpPort + 1}.` : 'Over TCP only.';
  return [...addresses, udp, ...(reading.length > 0 ? reading : ['Nobody reads.'])].join('\n');
}

function formatPassword({ id, user, label, owner, cameras, expires }: Password): string {
  const scope = cameras ? `cameras: ${cameras.join(' ')}` : 'all cameras';
  const end = expires === undefined ? 'until it is revoked' : `until ${expires}`;
  return `${id}  ${user}  ${[label, scope, end, ...(owner === '' ? [] : [`of ${owner}`])].filter(Boolean).join(', ')}`;
}

export const RTSP_COMMANDS: readonly Command[] = [rtspShow, passwordsList, passwordsCreate, passwordsRevoke];
