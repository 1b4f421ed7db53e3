import { readFile, writeFile } from 'node:fs/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { z } from 'zod';
import { BoxError } from '../base/index.ts';
import { plainText } from '../audit/index.ts';
import type { AddVerdict, CameraStanding, EventList, FoundCamera, SearchResult, UrlPattern } from '../control/index.ts';
import type { Command, Invocation } from './command.ts';
import { readLogin } from './login.ts';
import { numberOption } from './number-option.ts';
import { table } from './text.ts';

const LOGIN: ParseArgsOptionsConfig = {
  username: { type: 'string' },
  'password-file': { type: 'string' },
  'password-stdin': { type: 'boolean' },
};

const discover: Command = {
  name: 'cameras discover',
  usage: 'cameras discover [--seconds 5] [--ranges 192.168.5.0/24,...]',
  help: 'searches the networks for cameras; sends no password',
  words: 0,
  options: { seconds: { type: 'string' }, ranges: { type: 'string' } },
  run: async ({ options, host }) => {
    const result = await search({ options, host });
    return { json: result, text: formatFound(result) };
  },
};

const addFound: Command = {
  name: 'cameras add-found',
  usage:
    'cameras add-found all|ADDRESS,... [--ranges R,...] [--mode M] [--groups G,...] [--even-if-short] --username U --password-stdin | --password-file F',
  help: 'adds cameras by their ONVIF addresses, or all that a search finds (all), with one password; each is asked once',
  words: 1,
  options: {
    ...LOGIN,
    seconds: { type: 'string' },
    ranges: { type: 'string' },
    mode: { type: 'string' },
    groups: { type: 'string' },
    'even-if-short': { type: 'boolean' },
  },
  run: async ({ words: [wanted = ''], options, host }) => {
    const { username, password } = await readLogin('', options, host);
    const addresses = wanted === 'all' ? newOnes(await search({ options, host })) : listOf(wanted);
    if (addresses.length === 0) return { json: { added: [] }, text: 'No camera was found that is not there already.' };
    const answer = (await host.call('cameras.add-many', {
      cameras: addresses.map((address) => ({ address })),
      username,
      password,
      groups: listOf(options['groups']),
      evenIfShort: options['even-if-short'] === true,
      ...(options['mode'] ? { mode: options['mode'] } : {}),
    })) as { added: z.output<typeof AddVerdict>[] };
    const failed = answer.added.some(({ error }) => error !== undefined);
    return { json: answer, text: formatVerdicts(answer.added), exitCode: failed ? 1 : 0 };
  },
};

const patterns: Command = {
  name: 'cameras patterns',
  usage: 'cameras patterns [--maker NAME] [--host ADDRESS]',
  help: "says how makers' cameras are usually reached without ONVIF",
  words: 0,
  options: { maker: { type: 'string' }, host: { type: 'string' } },
  run: async ({ options, host }) => {
    const rows = (await host.call('cameras.patterns', {
      maker: options['maker'] ?? '',
      host: options['host'] ?? '',
    })) as z.output<typeof UrlPattern>[];
    const lines = rows.map(({ maker, also, port, main, sub, mainUrl = main, subUrl = sub }) => [
      [maker, ...also].join(', '),
      String(port),
      mainUrl,
      subUrl,
    ]);
    return {
      json: rows,
      text: lines.length === 0 ? 'No such maker is known.' : table(['maker', 'port', 'main', 'sub'], lines),
    };
  },
};

const standing: Command = {
  name: 'cameras standing',
  usage: 'cameras standing',
  help: 'says whether cameras are still themselves, how their clocks are, and whether they are heard; exit code 1 if one is not trusted',
  words: 0,
  run: async ({ host }) => {
    const all = (await host.call('cameras.standing', {})) as z.output<typeof CameraStanding>[];
    const untrusted = all.some(({ trust }) => trust === 'untrusted');
    return { json: all, text: formatStanding(all), exitCode: untrusted ? 1 : 0 };
  },
};

const confirm: Command = {
  name: 'cameras confirm',
  usage: 'cameras confirm CAMERA',
  help: 'confirms that a camera whose identity has changed is the right one',
  words: 1,
  run: async ({ words, host }) => {
    const answer = (await host.call('cameras.confirm', { camera: words[0] })) as { camera: string };
    return { json: answer, text: `${answer.camera} is trusted as it is now.` };
  },
};

const set: Command = {
  name: 'cameras set',
  usage:
    'cameras set CAMERA [--name N] [--onvif URL] [--mode M] [--groups G,...] [--labels L,...] [--order N] [--enabled yes|no] [--username U --password-stdin | --password-file F]',
  help: 'changes what is known of a camera',
  words: 1,
  options: {
    ...LOGIN,
    enabled: { type: 'string' },
    name: { type: 'string' },
    onvif: { type: 'string' },
    mode: { type: 'string' },
    groups: { type: 'string' },
    labels: { type: 'string' },
    order: { type: 'string' },
  },
  run: async ({ words, options, host }) => {
    const { name, onvif, mode, groups, labels, enabled } = options;
    if (enabled !== undefined && enabled !== 'yes' && enabled !== 'no')
      throw new BoxError('control.bad-input', { faults: ['--enabled: yes or no'] });
    const { username, password } = await readLogin('', options, host);
    const change = {
      ...(enabled === undefined ? {} : { enabled: enabled === 'yes' }),
      ...(username === '' ? {} : { username, password }),
      ...(name === undefined ? {} : { name }),
      ...(onvif === undefined ? {} : { onvifUrl: onvif }),
      ...(mode === undefined ? {} : { mode }),
      ...(groups === undefined ? {} : { groups: listOf(groups) }),
      ...(labels === undefined ? {} : { labels: listOf(labels) }),
      ...numberOption(options, 'order'),
    };
    const answer = (await host.call('cameras.change', { camera: words[0], ...change })) as { camera: string };
    return { json: answer, text: `Changed ${answer.camera}.` };
  },
};

const exportTable: Command = {
  name: 'cameras export',
  usage: 'cameras export FILE.csv',
  help: 'writes all cameras as a table, without passwords',
  words: 1,
  run: async ({ words: [file = ''], host }) => {
    const { csv } = (await host.call('cameras.export', {})) as { csv: string };
    await writeFile(file, csv, { mode: 0o600 });
    return { json: { file }, text: `Wrote ${file}.` };
  },
};

const importTable: Command = {
  name: 'cameras import',
  usage: 'cameras import FILE.csv',
  help: 'adds and changes cameras after a table; new ones with an ONVIF address only are asked what they send',
  words: 1,
  run: async ({ words: [file = ''], host }) => {
    const csv = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new BoxError('control.bad-input', { faults: [`${file}: cannot be read`] }, { cause });
    });
    const answer = (await host.call('cameras.import', { csv })) as {
      added: number;
      changed: number;
      rows: z.output<typeof AddVerdict>[];
    };
    const not = answer.rows.filter(({ error }) => error !== undefined);
    const head = `Added ${answer.added} cameras, changed ${answer.changed}.`;
    const text = not.length === 0 ? head : `${head}\n${formatVerdicts(not)}`;
    return { json: answer, text, exitCode: not.length === 0 ? 0 : 1 };
  },
};

const clock: Command = {
  name: 'cameras clock',
  usage: 'cameras clock CAMERA [--set now|ntp] [--server NTP]',
  help: 'says how far the clock of a camera is off, sets it, or lets it follow a time server',
  words: 1,
  options: { set: { type: 'string' }, server: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const { set: how, server } = options;
    const input = { camera: words[0], ...(how ? { set: how } : {}), ...(server ? { server } : {}) };
    const answer = (await host.call('cameras.clock', input)) as { offsetS?: number; source?: string };
    const { offsetS } = answer;
    const way = (offsetS ?? 0) < 0 ? 'behind' : 'ahead of';
    const offset =
      offsetS === undefined ? 'The camera tells no time.' : `${Math.abs(offsetS).toFixed(1)} s ${way} the box`;
    return { json: answer, text: answer.source === undefined ? offset : `${offset}, ${answer.source}` };
  },
};

const reboot: Command = {
  name: 'cameras reboot',
  usage: 'cameras reboot CAMERA',
  help: 'restarts a camera',
  words: 1,
  run: async ({ words, host }) => {
    const answer = (await host.call('cameras.reboot', { camera: words[0] })) as { camera: string };
    return { json: answer, text: `${answer.camera} restarts.` };
  },
};

const snapshot: Command = {
  name: 'cameras snapshot',
  usage: 'cameras snapshot CAMERA FILE.jpg',
  help: 'writes a single picture as the camera makes it',
  words: 2,
  run: async ({ words: [camera, file = ''], host }) => {
    const { jpeg } = (await host.call('cameras.snapshot', { camera })) as { jpeg: string };
    const bytes = Buffer.from(jpeg, 'base64');
    await writeFile(file, bytes);
    return { json: { file, bytes: bytes.length }, text: `Wrote ${file}, ${bytes.length} bytes.` };
  },
};

const relay: Command = {
  name: 'cameras relay',
  usage: 'cameras relay CAMERA RELAY on|off',
  help: 'switches a relay output of a camera; cameras relays CAMERA lists them',
  words: 3,
  run: async ({ words: [camera, wanted, state], host }) => {
    if (state !== 'on' && state !== 'off') throw new BoxError('control.bad-input', { faults: ['on or off'] });
    const answer = await host.call('cameras.relay', { camera, relay: wanted, active: state === 'on' });
    return { json: answer, text: `${plainText(wanted ?? '')} is ${state}.` };
  },
};

const relays: Command = {
  name: 'cameras relays',
  usage: 'cameras relays CAMERA',
  help: 'lists the relay outputs of a camera',
  words: 1,
  run: async ({ words, host }) => {
    const all = (await host.call('cameras.relays', { camera: words[0] })) as { relay: string; mode?: string }[];
    const lines = all.map(({ relay: token, mode = '' }) => [plainText(token), mode]);
    return { json: all, text: lines.length === 0 ? 'It has none.' : table(['relay', 'mode'], lines) };
  },
};

const inputs: Command = {
  name: 'cameras inputs',
  usage: 'cameras inputs CAMERA',
  help: 'lists the digital inputs of a camera, and which are active',
  words: 1,
  run: async ({ words, host }) => {
    const all = (await host.call('cameras.inputs', { camera: words[0] })) as { input: string; active: boolean }[];
    const lines = all.map(({ input, active }) => [plainText(input), active ? 'active' : 'idle']);
    return { json: all, text: lines.length === 0 ? 'It has none.' : table(['input', 'state'], lines) };
  },
};

const eventsList: Command = {
  name: 'events list',
  usage: 'events list --camera NAME --from ISO --to ISO [--kinds motion,...]',
  help: 'says what happened at a camera, and how often',
  words: 0,
  options: { camera: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' }, kinds: { type: 'string' } },
  run: async ({ options: { camera, from, to, kinds }, host }) => {
    const input = { camera, from, to, ...(kinds === undefined ? {} : { kinds: listOf(kinds) }) };
    const answer = (await host.call('events.list', input)) as z.output<typeof EventList>;
    return { json: answer, text: formatEvents(answer) };
  },
};

export const TERMINAL_COMMANDS: readonly Command[] = [
  discover,
  addFound,
  patterns,
  standing,
  confirm,
  set,
  exportTable,
  importTable,
  clock,
  reboot,
  snapshot,
  inputs,
  relays,
  relay,
  eventsList,
];

async function search({ options, host }: Pick<Invocation, 'options' | 'host'>): Promise<z.output<typeof SearchResult>> {
  const input = { ...numberOption(options, 'seconds'), ranges: listOf(options['ranges']) };
  return (await host.call('cameras.discover', input)) as z.output<typeof SearchResult>;
}

function newOnes({ found }: z.output<typeof SearchResult>): string[] {
  return found.filter(({ camera }) => camera === undefined).flatMap(({ xaddrs }) => xaddrs.slice(0, 1));
}

function listOf(text: string | boolean | undefined): string[] {
  if (typeof text !== 'string') return [];
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function formatFound({ found, refused }: z.output<typeof SearchResult>): string {
  const row = ({
    address,
    maker = '',
    model = '',
    name = '',
    mac = '',
    camera,
    xaddrs,
  }: z.output<typeof FoundCamera>) => [
    address,
    plainText([maker, model || name].join(' ').trim()),
    mac,
    camera ?? 'new',
    xaddrs[0] ?? '',
  ];
  const head = `${found.length} cameras answered.`;
  const not = refused.length === 0 ? '' : `\nNot asked: ${refused.join(', ')}`;
  if (found.length === 0) return `${head}${not}`;
  return `${head}\n${table(['address', 'model', 'mac', 'camera', 'ONVIF address'], found.map(row))}${not}`;
}

function formatVerdicts(added: readonly z.output<typeof AddVerdict>[]): string {
  const rows = added.map(({ address, camera, name = '', error }) => [
    plainText(address),
    camera ?? 'not added',
    plainText(error ? `${error.what} ${error.advice}` : name),
  ]);
  return table(['address', 'camera', ''], rows);
}

function formatStanding(all: readonly z.output<typeof CameraStanding>[]): string {
  if (all.length === 0) return 'There are no cameras.';
  const rows = all.map(({ camera, trust, identity, onvif, changes }) => [
    camera,
    trust,
    plainText(`${identity.maker} ${identity.model}`.trim()),
    onvif?.phase ?? 'no ONVIF',
    onvif?.clockOffsetS === undefined ? '' : onvif.clockOffsetS.toFixed(1),
    onvif?.events ?? '',
    plainText(changes.map(({ field, pinned, found }) => `${field} ${pinned} -> ${found || 'nothing'}`).join('; ')),
  ]);
  return table(['camera', 'trust', 'model', 'ONVIF', 'clock off (s)', 'events', 'changed'], rows);
}

function formatEvents({ events, counts }: z.output<typeof EventList>): string {
  if (events.length === 0) return 'Nothing happened.';
  const rows = events.map(({ start, end, kind, detail, source, count }) => [
    start,
    end,
    plainText([kind, detail].join(' ').trim()),
    plainText(source),
    String(count),
  ]);
  const sums = Object.entries(counts).map(
    ([kind, { events: number, count }]) => `${plainText(kind)} ${number} (${count})`,
  );
  return `${table(['from (UTC)', 'to', 'what', 'where', 'times'], rows)}\n${sums.join(', ')}`;
}
