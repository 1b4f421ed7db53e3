import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { BoxError } from '../base/index.ts';
import type { Command, Invocation } from './command.ts';
import { DISK_JOB_COMMANDS } from './disk-job-commands.ts';
import { JOB_COMMANDS } from './job-commands.ts';
import { disksHealth } from './disk-health-command.ts';
import { formatCameras, formatGaps, formatProbe, formatSegments, formatStatus, formatVerify } from './text.ts';
import { readLogin } from './login.ts';
import { ASSURANCE_COMMANDS } from './assurance-commands.ts';
import { PLANNING_COMMANDS } from './planning-commands.ts';
import { RESET_COMMAND } from './reset-command.ts';
import { STATE_COMMANDS } from './state-commands.ts';
import { SPACE_COMMANDS } from './space-commands.ts';
import { DISK_COMMANDS } from './disk-commands.ts';
import { LOG_COMMANDS } from './log-commands.ts';
import { numberOption } from './number-option.ts';
import { NOTICE_COMMANDS } from './notice-commands.ts';
import { PTZ_COMMANDS } from './ptz-commands.ts';
import { TERMINAL_COMMANDS } from './terminal-commands.ts';
import { RTSP_COMMANDS } from './rtsp-commands.ts';
import { USER_COMMANDS } from './user-commands.ts';

const LOGIN: ParseArgsOptionsConfig = {
  username: { type: 'string' },
  'password-file': { type: 'string' },
  'password-stdin': { type: 'boolean' },
};
const RANGE: ParseArgsOptionsConfig = {
  camera: { type: 'string' },
  stream: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
};
const RANGE_USAGE = '--camera NAME --from ISO --to ISO [--stream main]';

const camerasList: Command = {
  name: 'cameras list',
  usage: 'cameras list',
  help: 'lists the cameras',
  words: 0,
  run: async ({ host }) => {
    const cameras = await host.call('cameras.list', {});
    return { json: cameras, text: formatCameras(cameras) };
  },
};

const camerasAdd: Command = {
  name: 'cameras add',
  usage:
    'cameras add NAME URL [--sub URL] [--mode continuous|schedule|event|manual] [--transport tcp|udp|auto] [--username U --password-stdin | --password-file F]',
  help: 'adds a camera; recording begins at once if the box runs',
  words: 2,
  options: { ...LOGIN, mode: { type: 'string' }, transport: { type: 'string' }, sub: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const [name = '', given = ''] = words;
    const main = await readLogin(given, options, host);
    const sub = typeof options['sub'] === 'string' ? await readLogin(options['sub'], {}, host) : undefined;
    // A camera has one login for all its streams, wherever it was written.
    const { username, password } = main.username || !sub ? main : sub;
    const input = {
      name,
      url: main.url,
      username,
      password,
      ...(options['mode'] ? { mode: options['mode'] } : {}),
      ...(options['transport'] ? { transport: options['transport'] } : {}),
      ...(sub ? { subUrl: sub.url } : {}),
    };
    const camera = await host.call('cameras.add', input);
    return { json: camera, text: `Added. ${formatCameras([camera])}` };
  },
};

const camerasRemove: Command = {
  name: 'cameras remove',
  usage: 'cameras remove NAME',
  help: 'removes a camera; its footage stays until it is the oldest',
  words: 1,
  run: async ({ words, host }) => {
    const removed = (await host.call('cameras.remove', { camera: words[0] })) as { id: string };
    return { json: removed, text: `Removed ${removed.id}. Its footage stays until it is the oldest.` };
  },
};

const camerasTest: Command = {
  name: 'cameras test',
  usage:
    'cameras test URL|CAMERA [--stream main] [--seconds 10] [--transport tcp|udp|auto] [--username U --password-stdin | --password-file F]',
  help: 'connects to a camera, at an address or one of the box, and says what it sends',
  words: 1,
  options: { ...LOGIN, stream: { type: 'string' }, seconds: { type: 'string' }, transport: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const { url, ...login } = await readLogin(words[0] ?? '', options, host);
    const seconds = numberOption(options, 'seconds');
    const given = Object.fromEntries(
      ['transport', 'stream'].flatMap((name) => (options[name] ? [[name, options[name]]] : [])),
    );
    const which = url.includes('://') ? { url } : { camera: url };
    const probe = await host.call('cameras.test', { ...which, ...login, ...seconds, ...given });
    return { json: probe, text: formatProbe(probe) };
  },
};

const segmentsList: Command = {
  name: 'segments list',
  usage: `segments list ${RANGE_USAGE}`,
  help: 'lists the files of a camera in a span of time',
  words: 0,
  options: RANGE,
  run: async ({ options, host }) => {
    const segments = await host.call('segments.list', rangeOf(options));
    return { json: segments, text: formatSegments(segments) };
  },
};

const gapsList: Command = {
  name: 'gaps list',
  usage: `gaps list ${RANGE_USAGE}`,
  help: 'lists what was not recorded, and why',
  words: 0,
  options: RANGE,
  run: async ({ options, host }) => {
    const gaps = await host.call('gaps.list', rangeOf(options));
    return { json: gaps, text: formatGaps(gaps) };
  },
};

const status: Command = {
  name: 'status',
  usage: 'status',
  help: 'says how the running box is',
  words: 0,
  run: async ({ host }) => {
    const box = await host.call('box.status', {});
    const { claimCode } = (await host.call('box.claimed', {})) as { claimCode?: string };
    const setUp = claimCode === undefined ? '' : `\nNobody has set the box up yet. Its claim code is ${claimCode}`;
    return { json: box, text: `${formatStatus(box)}${setUp}` };
  },
};

const recordStart = manual('record start', 'recording.start', 'records a camera by hand until it is stopped by hand');
const recordStop = manual('record stop', 'recording.stop', 'ends what was started by hand');

const eventsTrigger: Command = {
  name: 'events trigger',
  usage: 'events trigger CAMERA [--kind motion]',
  help: 'tells the box of an event at a camera, as a sensor would',
  words: 1,
  options: { kind: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const kind = options['kind'] === undefined ? {} : { kind: options['kind'] };
    const answer = (await host.call('events.trigger', { camera: words[0], ...kind })) as { id: string };
    return { json: answer, text: `Told ${answer.id} of the event.` };
  },
};

const verify: Command = {
  name: 'verify',
  usage: 'verify [--deep]',
  help: 'checks every invariant that a stopped box can prove; exit code 1 if one is broken',
  words: 0,
  options: { deep: { type: 'boolean' } },
  run: async ({ options, host }) => {
    const report = (await host.call('footage.verify', { deep: options['deep'] === true })) as { ok: boolean };
    return { json: report, text: formatVerify(report), exitCode: report.ok ? 0 : 1 };
  },
};

const rebuild: Command = {
  name: 'rebuild',
  usage: 'rebuild',
  help: 'makes the catalogue anew from the volumes',
  words: 0,
  run: async ({ host }) => {
    const done = (await host.call('footage.rebuild', {})) as { segments: number; ms: number };
    return {
      json: done,
      text: `The catalogue was made anew: ${done.segments} segments in ${(done.ms / 1000).toFixed(1)} s.`,
    };
  },
};

const exportRange: Command = {
  name: 'export',
  usage: `export ${RANGE_USAGE} FILE.mp4`,
  help: 'writes a span of time as one ordinary MP4 file',
  words: 1,
  options: RANGE,
  run: async ({ words, options, host }) => {
    const segments = await host.call('segments.export', rangeOf(options));
    const done = await host.exportRange(segments, rangeOf(options), words[0] ?? '');
    const gaps = done.gaps.length === 0 ? '' : ` Gaps closed up: ${done.gaps.length}.`;
    return { json: done, text: `Wrote ${done.file}: ${done.seconds.toFixed(1)} s, ${done.bytes} bytes.${gaps}` };
  },
};

function manual(name: string, operation: string, help: string): Command {
  return {
    name,
    usage: `${name} CAMERA`,
    help,
    words: 1,
    run: async ({ words, host }) => {
      const answer = (await host.call(operation, { camera: words[0] })) as { id: string };
      return { json: answer, text: `${name} ${answer.id}: done.` };
    },
  };
}

function rangeOf(options: Invocation['options']): { camera: string; from: string; to: string; stream?: string } {
  const { camera, from, to, stream } = options;
  const missing = Object.entries({ camera, from, to }).filter(([, value]) => typeof value !== 'string');
  if (missing.length > 0) {
    throw new BoxError('control.bad-input', { faults: missing.map(([key]) => `--${key}: is needed`) });
  }
  const range = { camera: String(camera), from: String(from), to: String(to) };
  return typeof stream === 'string' ? { ...range, stream } : range;
}

export const COMMANDS: readonly Command[] = [
  status,
  camerasList,
  camerasAdd,
  camerasRemove,
  camerasTest,
  recordStart,
  recordStop,
  eventsTrigger,
  segmentsList,
  gapsList,
  exportRange,
  verify,
  rebuild,
  ...SPACE_COMMANDS,
  ...PLANNING_COMMANDS,
  ...ASSURANCE_COMMANDS,
  disksHealth,
  ...DISK_COMMANDS,
  ...DISK_JOB_COMMANDS,
  ...JOB_COMMANDS,
  ...NOTICE_COMMANDS,
  ...STATE_COMMANDS,
  RESET_COMMAND,
  ...LOG_COMMANDS,
  ...TERMINAL_COMMANDS,
  ...PTZ_COMMANDS,
  ...USER_COMMANDS,
  ...RTSP_COMMANDS,
];

/** Finds the command that the words begin with and reads its options; undefined if there is none. */
export function findCommand(argv: readonly string[]): { command: Command; rest: string[] } | undefined {
  const plain = argv.filter((word) => !word.startsWith('-'));
  for (const command of COMMANDS) {
    const names = command.name.split(' ');
    if (!names.every((name, i) => plain[i] === name)) continue;
    const rest = [...argv];
    for (const name of names) rest.splice(rest.indexOf(name), 1);
    return { command, rest };
  }
  return undefined;
}

/** `--pan -0.5` means a number below zero, which `parseArgs` would take for another option. */
function withNegatives(words: readonly string[], options: ParseArgsOptionsConfig): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1) ?? '';
    const takesText = before.startsWith('--') && options[before.slice(2)]?.type === 'string';
    if (takesText && /^-\.?\d/.test(word)) joined[joined.length - 1] = `${before}=${word}`;
    else joined.push(word);
  }
  return joined;
}

/** Rejects with control.bad-input and the usage if the words or options do not fit. */
export function readOptions(
  command: { readonly usage: string; readonly options?: ParseArgsOptionsConfig; readonly words: number },
  rest: string[],
): { words: string[]; options: Record<string, string | boolean | undefined> } {
  try {
    const { values, positionals } = parseArgs({
      args: withNegatives(rest, command.options ?? {}),
      allowPositionals: true,
      options: { ...command.options, data: { type: 'string' }, json: { type: 'boolean' } },
    });
    if (positionals.length !== command.words) {
      const words = command.words === 1 ? 'one word' : `${command.words || 'no'} words`;
      throw new Error(`takes ${words}, not ${positionals.length}`);
    }
    return { words: positionals, options: values };
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new BoxError('control.bad-input', { faults: [fault], usage: `ipvs ${command.usage}` }, { cause });
  }
}
