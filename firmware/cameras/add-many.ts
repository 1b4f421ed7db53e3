import { asBoxError, BoxError, maskText } from '../base/index.ts';
import type { SettingsDraft, SettingsStore } from '../config/index.ts';
import { OnvifCamera, type CameraStreams, type OnvifDeps } from '../onvif/index.ts';
import { identityOf, NOBODY, type PinnedIdentity } from './identity.ts';

/** A camera that is to be added: what answered a search, or what somebody typed. */
export interface Candidate {
  /** Of the device service, or of a stream (rtsp://). */
  readonly address: string;
  /** Empty: made from what the camera says. */
  readonly name: string;
  readonly subUrl?: string | undefined;
}

export interface Joining {
  readonly username: string;
  readonly password: string;
  readonly mode: 'continuous' | 'schedule' | 'event' | 'manual';
  readonly groups: readonly string[];
}

export interface AddVerdict {
  readonly address: string;
  readonly camera?: string;
  readonly name?: string;
  readonly bitsPerSecond?: number;
  readonly error?: BoxError;
}

/** What was found out about a candidate, before anything is written. */
interface Prepared {
  readonly candidate: Candidate;
  readonly name: string;
  readonly onvifUrl: string;
  readonly identity: PinnedIdentity | undefined;
  readonly streams: readonly { readonly id: 'main' | 'sub'; readonly url: string; readonly profile: string }[];
  readonly bitsPerSecond: number;
}

export interface AddManyDeps {
  readonly store: SettingsStore;
  readonly onvif: OnvifDeps;
  /** One look at a stream; rejects with what is wrong. Answers with its bit rate. */
  readonly probe: (target: { url: string; username: string; password: string }) => Promise<number>;
  /** Asked once, before anything is written, with what the new ones bring together. Rejects to keep all of them out. */
  readonly room: (bitsPerSecond: number) => Promise<void>;
}

/** Cameras that are asked at the same time. */
const AT_ONCE = 6;
const ASK_MS = 30_000;
/** What a camera counts as that does not say. */
const USUAL_BITS = 4_000_000;

/**
 * Adds cameras with one login. Each is asked once, so that a wrong password locks no account; one that fails says why and keeps
 * no other out. What could be asked is written in one change of the settings.
 */
export async function addMany(
  candidates: readonly Candidate[],
  joining: Joining,
  deps: AddManyDeps,
): Promise<AddVerdict[]> {
  const verdicts = new Map<Candidate, AddVerdict>();
  const prepared: Prepared[] = [];
  const queue = [...candidates];
  const worker = async (): Promise<void> => {
    for (let candidate = queue.shift(); candidate; candidate = queue.shift()) {
      try {
        prepared.push(await prepare(candidate, joining, deps));
      } catch (error) {
        verdicts.set(candidate, { address: maskText(candidate.address), error: asBoxError(error, 'box.bug') });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (prepared.length > 0) {
    await deps.room(prepared.reduce((sum, { bitsPerSecond }) => sum + bitsPerSecond, 0));
    // In the order in which they were asked for, whichever answered first.
    prepared.sort((a, b) => candidates.indexOf(a.candidate) - candidates.indexOf(b.candidate));
    await deps.store.update((draft) => {
      for (const each of prepared) verdicts.set(each.candidate, join(draft, each, joining));
    });
  }
  return candidates.map((candidate) => verdicts.get(candidate)!);
}

async function prepare(candidate: Candidate, joining: Joining, deps: AddManyDeps): Promise<Prepared> {
  const { username, password } = joining;
  if (/^rtsps?:/i.test(candidate.address)) {
    const url = candidate.address;
    const bitsPerSecond = (await deps.probe({ url, username, password })) || USUAL_BITS;
    const sub = candidate.subUrl ? [{ id: 'sub' as const, url: candidate.subUrl, profile: '' }] : [];
    const streams = [{ id: 'main' as const, url, profile: '' }, ...sub];
    return {
      candidate,
      name: candidate.name || new URL(url).hostname,
      onvifUrl: '',
      identity: undefined,
      streams,
      bitsPerSecond,
    };
  }
  const signal = AbortSignal.timeout(ASK_MS);
  const credentials = username === '' ? {} : { credentials: { user: username, password } };
  const device = new OnvifCamera({ address: candidate.address, ...credentials }, deps.onvif);
  try {
    const told = await device.identity(signal);
    const { address } = await device.facts(signal);
    const offered = await device.media.streams(signal);
    const host = new URL(address).hostname;
    const name = candidate.name || told.name || `${told.model ?? 'Camera'} ${host.split('.').at(-1) ?? ''}`.trim();
    return { candidate, name, onvifUrl: address, identity: identityOf(told), ...streamsOf(offered) };
  } catch (error) {
    if (signal.aborted) throw new BoxError('onvif.timeout', { address: candidate.address }, { cause: error });
    throw error;
  }
}

function streamsOf({ main, sub }: CameraStreams): Pick<Prepared, 'streams' | 'bitsPerSecond'> {
  if (!main)
    throw new BoxError('rtsp.codec-unsupported', { reason: 'the camera offers no profile with H.264 or H.265' });
  const offers = [{ id: 'main' as const, url: main.url, profile: main.token }];
  const small = sub ? [{ id: 'sub' as const, url: sub.url, profile: sub.token }] : [];
  return { streams: [...offers, ...small], bitsPerSecond: (main.bitrateKbps ?? 0) * 1000 || USUAL_BITS };
}

function join(draft: SettingsDraft, each: Prepared, { username, password, mode, groups }: Joining): AddVerdict {
  const { candidate, identity, onvifUrl, bitsPerSecond } = each;
  const address = maskText(candidate.address);
  const twin = draft.cameras.find((camera) => isSame(camera, each));
  if (twin) return { address, error: new BoxError('cameras.already-there', { camera: twin.id }) };
  const name = cleanName(each.name);
  const id = freeId(draft, name);
  const streams = each.streams.map(({ id: stream, url, profile }) => ({
    id: stream,
    url,
    profile,
    transport: 'tcp',
    record: stream === 'main',
    role: stream,
  }));
  const facts = {
    username,
    password,
    mode,
    groups: [...groups],
    onvif: { url: onvifUrl },
    ...(identity && { identity }),
  };
  // Checked, and completed with the defaults, by the schema before anything is written.
  draft.cameras.push({ id, name, streams, ...facts } as unknown as (typeof draft.cameras)[number]);
  return { address, camera: id, name, bitsPerSecond };
}

/** The same device, or the same stream: one that is recorded already, or stands twice in the list. */
function isSame(camera: SettingsDraft['cameras'][number], { identity, streams }: Prepared): boolean {
  // One that stands above in the list has no more than what it was found with.
  const { serial, mac } = { ...NOBODY, ...camera.identity };
  if (identity && serial !== '' && serial === identity.serial && (mac === '' || mac === identity.mac)) return true;
  if (identity && mac !== '' && mac === identity.mac && serial === '') return true;
  return camera.streams.some(({ url }) => url === streams[0]?.url);
}

function cleanName(name: string): string {
  return (
    name
      .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
      .trim()
      .slice(0, 80) || 'Camera'
  );
}

/** A folder-safe id that no camera has yet. */
function freeId(draft: SettingsDraft, name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const base = (plain || 'camera').slice(0, 34).replace(/-+$/, '');
  const taken = new Set(draft.cameras.map(({ id }) => id));
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}
