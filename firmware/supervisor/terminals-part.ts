import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { BoxError, CredentialGuard, systemClock, type CameraAddresses, type Part } from '../base/index.ts';
import {
  addMany,
  CameraRegistry,
  EventBook,
  EventIntake,
  PresetPictures,
  SiteSearch,
  TrustBook,
  type CameraStanding,
} from '../cameras/index.ts';
import { replaceFile, type SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts, type PtzPort, type TerminalsPort } from '../control/index.ts';
import type { OnvifDeps } from '../onvif/index.ts';
import type { Recorder } from '../recording/index.ts';
import type { Problems, Severity } from '../telemetry/index.ts';
import type { AuditPart } from './audit-part.ts';
import { cameraTable, inOrder, patternsOf } from './camera-table.ts';
import { ptzOfBox } from './ptz-port.ts';

export interface TerminalSources {
  readonly store: SettingsStore;
  readonly addresses: CameraAddresses;
  readonly recorder: Pick<Recorder, 'ask'>;
  readonly problems: Problems;
  readonly audit: Pick<AuditPart, 'event'>;
  readonly probe: BoxPorts['probe'];
  readonly forecast: BoxPorts['planning']['show'];
  /** Started for simulated cameras: they are searched for on this machine, too. */
  readonly loopback: boolean;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

export interface TerminalsOfBox {
  readonly part: Part;
  readonly port: TerminalsPort;
  readonly ptz: PtzPort;
  /** The certificate that a camera has shown over RTSP. */
  certificate(camera: string, fingerprint: string): void;
  /** An event that was told to the box, not by the camera itself. */
  told(camera: string, kind: string): void;
  isTrusted(camera: string): boolean;
  /** Who steers it now. */
  steeredBy(camera: string): { readonly by: string; readonly priority: number } | undefined;
  /** The connection of a window is gone: it steers nothing any more. */
  left(session: string): void;
}

const EVENTS_FOLDER = 'events';
const PRESETS_FOLDER = 'preset-pictures';
const ASK_MS = 30_000;
const PROBE_S = 4;
const LEAST_DAYS = 1;
const SEVERITY: Readonly<Record<string, Severity>> = {
  'cameras.changed-identity': 'error',
  'cameras.not-watched': 'warning',
  'cameras.clock-off': 'notice',
};

/** Finding, recognising, steering and hearing cameras, with what operations ask of it. */
export function terminalsOfBox(sources: TerminalSources): TerminalsOfBox {
  const { store, problems, recorder, log } = sources;
  const book = new EventBook({
    folder: join(store.folder, EVENTS_FOLDER),
    clock: systemClock,
    keepDays: () => store.settings.terminals.eventDays,
    trouble: (error) => {
      if (error) problems.raise('cameras.events-not-written', 'box', 'warning', error.context);
      else problems.clear('cameras.events-not-written', 'box');
    },
    log,
  });
  const intake = new EventIntake({
    book,
    kindsOf: (camera) => store.settings.cameras.find(({ id }) => id === camera)?.eventKinds,
    record: (camera, kind, again) => {
      // The worker may just be starting again; the next word, seconds later, reaches it.
      recorder.ask('event', { camera, kind, again }).catch((error: unknown) => {
        log('event.not-recorded', { camera, kind, reason: String(error) });
      });
    },
  });
  const onvif = onvifOf(sources.addresses);
  const search = new SiteSearch({
    onvif,
    cameras: () =>
      store.settings.cameras.map(({ id, identity, onvif: { url }, streams }) => {
        const streamHosts = streams.map((stream) => URL.parse(stream.url)?.hostname ?? '');
        return { id, identity, onvifHost: URL.parse(url)?.host ?? '', streamHosts };
      }),
    ranges: () => store.settings.terminals.scan,
    interfaces: sources.loopback ? Object.keys(networkInterfaces()) : undefined,
  });
  const trust = new TrustBook({
    folder: store.folder,
    replaceFile,
    failed: (error) => log('trust.failed', { reason: String(error) }),
  });
  const registry = new CameraRegistry({
    store,
    onvif,
    trust,
    book,
    intake,
    search,
    problem: (code, camera, context) => {
      if (context) problems.raise(code, `camera/${camera}`, SEVERITY[code] ?? 'warning', context);
      else problems.clear(code, `camera/${camera}`);
    },
    tell: (event, camera, detail) => sources.audit.event(event, 'notice', `camera/${camera}`, detail),
  });
  const pictures = new PresetPictures(join(store.folder, PRESETS_FOLDER));
  const ptz = ptzOfBox(registry, pictures, (camera, error) => log('ptz.failed', { camera, reason: String(error) }));
  return {
    part: partOf(store, book, registry, pictures, () => ptz.close()),
    port: portOf({ ...sources, registry, search, book, onvif }),
    ptz: ptz.port,
    certificate: (camera, fingerprint) => registry.certificate(camera, fingerprint),
    told: (camera, kind) => void book.moment({ camera, kind, atUs: systemClock.wallUs() }),
    isTrusted: (camera) => registry.isTrusted(camera),
    steeredBy: (camera) => {
      const lease = ptz.lease(camera);
      return lease && { by: lease.name, priority: lease.priority };
    },
    left: (session) => ptz.lost(session),
  };
}

function partOf(
  store: SettingsStore,
  book: EventBook,
  registry: CameraRegistry,
  pictures: PresetPictures,
  closePtz: () => Promise<void>,
): Part {
  return {
    name: 'cameras',
    start: async () => {
      await pictures.keepOnly(new Set(store.settings.cameras.map(({ id }) => id)));
      await book.start();
      await registry.start();
    },
    stop: async () => {
      await closePtz();
      await registry.stop();
      await book.stop();
    },
  };
}

/** What asks cameras: nothing connects to an address that may not be one, and no password is tried twice. */
function onvifOf(addresses: CameraAddresses): OnvifDeps {
  return {
    clock: systemClock,
    guard: new CredentialGuard(systemClock),
    connectGuard: ({ host, port, address, family }) => {
      const reason = addresses.refusal({ address, family }, port);
      if (reason) throw new BoxError('cameras.address-refused', { host, port, reason });
    },
  };
}

type PortSources = TerminalSources & {
  readonly registry: CameraRegistry;
  readonly search: SiteSearch;
  readonly book: EventBook;
  readonly onvif: OnvifDeps;
};

function portOf(sources: PortSources): TerminalsPort {
  const { store, registry, search, book } = sources;
  return {
    search: async (wanted) => {
      const { found, interfaces, refused } = await search.search(wanted);
      return { found: found.map(foundOf), interfaces: [...interfaces], refused: [...refused] };
    },
    patterns: patternsOf,
    addMany: (wanted) => addAll(sources, wanted),
    standings: () => inOrder(standingsOf(store, registry.standings())),
    isTrusted: (camera) => registry.isTrusted(camera),
    confirm: async (camera) => [...(await registry.confirm(camera)).changes],
    ...cameraTable(store, (wanted) => addAll(sources, wanted)),
    clock: async (camera, set, server) => {
      const device = registry.device(camera);
      const signal = AbortSignal.timeout(ASK_MS);
      const ntpServer = server || store.settings.terminals.ntpServer;
      if (set === 'ntp' && ntpServer === '') {
        throw new BoxError('control.bad-input', { faults: ['server: none is named here nor in the settings'] });
      }
      if (set === 'ntp') await device.setNtp([ntpServer], signal);
      const setNow = set === 'now';
      const clock = setNow ? await device.setClock(systemClock.wallUs() / 1000, signal) : await device.clock(signal);
      if (set !== 'no') registry.look(camera);
      const { offsetMs, source, zone } = clock;
      return {
        ...(offsetMs === undefined ? {} : { offsetS: offsetMs / 1000 }),
        ...(source && { source }),
        ...(zone === undefined ? {} : { zone }),
      };
    },
    reboot: (camera) => registry.device(camera).reboot(AbortSignal.timeout(ASK_MS)),
    snapshot: async (camera) => {
      const device = registry.device(camera);
      const signal = AbortSignal.timeout(ASK_MS);
      const settings = store.settings.cameras.find(({ id }) => id === camera);
      const profile = settings?.streams.find((stream) => stream.profile !== '')?.profile;
      const token = profile ?? (await device.media.profiles(signal))[0]?.token ?? '';
      return device.media.snapshot(token, signal);
    },
    relays: async (camera) => {
      const relays = await registry.device(camera).io.relays(AbortSignal.timeout(ASK_MS));
      return relays.map(({ token, mode }) => ({ relay: token, ...(mode && { mode }) }));
    },
    inputs: async (camera) => {
      const inputs = await registry.device(camera).io.inputs(AbortSignal.timeout(ASK_MS));
      const now = book.active().filter((event) => event.camera === camera && event.kind === 'digital-input');
      return inputs.map(({ token, idle }) => {
        const active = now.some(({ source }) => source === token);
        return { input: token, active, ...(idle && { idle }) };
      });
    },
    setRelay: (camera, relay, active) =>
      registry.device(camera).io.setRelay(relay, active, AbortSignal.timeout(ASK_MS)),
    events: async (camera, { kinds, limit, ...range }) => {
      const { events, counts, more } = await book.read(camera, range, { kinds, limit });
      return {
        events: events.map(({ fromUs, toUs, ...event }) => {
          return { ...event, start: isoOf(fromUs), end: isoOf(toUs), startUs: fromUs, endUs: toUs };
        }),
        counts: { ...counts },
        more,
      };
    },
  };
}

async function addAll(
  { store, onvif, probe, forecast }: PortSources,
  { cameras, evenIfShort, ...joining }: Parameters<TerminalsPort['addMany']>[0],
): ReturnType<TerminalsPort['addMany']> {
  let room: Awaited<ReturnType<TerminalsPort['addMany']>>['room'] = { enough: true, bytesPerDay: 0 };
  const added = await addMany(cameras, joining, {
    store,
    onvif,
    probe: async (target) => (await probe({ ...target, transport: 'auto', seconds: PROBE_S })).bitsPerSecond,
    room: async (bitsPerSecond) => {
      room = await roomFor(bitsPerSecond, forecast);
      if (!room.enough && !evenIfShort) throw new BoxError('cameras.no-room', { days: room.days });
    },
  });
  return {
    added: added.map(({ error, ...verdict }) => {
      if (!error) return verdict;
      const { code, what, advice } = error.toJSON();
      return { ...verdict, error: { code, what, advice } };
    }),
    room,
  };
}

/** What the disks keep of everything, with so many bits per second more. Where nobody knows the disks yet nothing is in the way. */
async function roomFor(
  bitsPerSecond: number,
  forecast: BoxPorts['planning']['show'],
): Promise<{ enough: boolean; bytesPerDay: number; days?: number }> {
  const bytesPerDay = (bitsPerSecond / 8) * 86_400;
  const known = await forecast().catch(() => undefined);
  const roomBytes = known?.volumes.reduce((sum, volume) => sum + volume.roomBytes, 0) ?? 0;
  if (!known || roomBytes === 0) return { enough: true, bytesPerDay };
  const days = roomBytes / (bytesPerDay + known.volumes.reduce((sum, volume) => sum + volume.bytesPerDay, 0));
  return { enough: days >= LEAST_DAYS, bytesPerDay, days };
}

function foundOf(device: Awaited<ReturnType<SiteSearch['search']>>['found'][number]) {
  const { xaddrs, address, endpoint, known, scopes: _scopes, types: _types, hardware, ...more } = device;
  return {
    xaddrs: [...xaddrs],
    address,
    endpoint,
    ...more,
    ...(hardware === undefined ? {} : { model: hardware }),
    ...(known === undefined ? {} : { camera: known }),
  };
}

function standingsOf(
  store: SettingsStore,
  standings: readonly CameraStanding[],
): ReturnType<TerminalsPort['standings']> {
  return standings.flatMap(({ camera: id, keeper, sinceUs, changes, identity, trust }) => {
    const settings = store.settings.cameras.find((camera) => camera.id === id);
    if (!settings) return [];
    const { groups, labels, order, name, onvif } = settings;
    return {
      camera: id,
      name: name || id,
      trust,
      ...(sinceUs === undefined ? {} : { untrustedSince: isoOf(sinceUs) }),
      changes: [...changes],
      identity: { ...identity },
      groups: [...groups],
      labels: [...labels],
      order,
      ...(keeper && { onvif: { address: onvif.url, ...keeperOf(keeper) } }),
    };
  });
}

function keeperOf({ phase, error, seenUs, clock, firmware, events }: NonNullable<CameraStanding['keeper']>) {
  const fault = error?.toJSON();
  return {
    phase,
    ...(fault && { error: { code: fault.code, what: fault.what, advice: fault.advice } }),
    ...(seenUs === undefined ? {} : { seen: isoOf(seenUs) }),
    ...(clock?.offsetMs === undefined ? {} : { clockOffsetS: clock.offsetMs / 1000 }),
    ...(clock?.source && { clockSource: clock.source }),
    firmware,
    events,
  };
}
