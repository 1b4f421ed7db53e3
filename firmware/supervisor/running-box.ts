import { readFile } from 'node:fs/promises';
import type { Accounts } from '../accounts/index.ts';
import {
  BoxError,
  CameraAddresses,
  firstPromise,
  systemClock,
  tidyHeapAfterStart,
  type CameraAddressRules,
} from '../base/index.ts';
import { FolderLock, SocketDoor } from '../cli/index.ts';
import { SettingsStore } from '../config/index.ts';
import { Control } from '../control/index.ts';
import { DiskArrivals } from '../disks/index.ts';
import type { RtspServer } from '../rtsp-server/index.ts';
import { ViewBook } from '../live/index.ts';
import type { WebDoor } from '../http/index.ts';
import { Recorder, type RecordPlan } from '../recording/index.ts';
import { createLogger, Problems, type Logger } from '../telemetry/index.ts';
import { openAccounts } from './accounts-part.ts';
import { CameraHomes } from './camera-homes.ts';
import { cameraRulesOf } from './camera-rules.ts';
import { AuditPart } from './audit-part.ts';
import { assuredBox } from './assured-box.ts';
import { configPort } from './config-port.ts';
import { CataloguePart } from './catalogue-part.ts';
import { CopyingOrders } from './copying-orders.ts';
import { carryOutReset, resetPort, takeResetDone } from './factory-reset.ts';
import { footageReads, recordedCameras } from './footage.ts';
import { JobsPart } from './jobs-part.ts';
import { KnownTimeFile } from './known-time-file.ts';
import { KnownVolumes } from './known-volumes.ts';
import { DiskRemovals } from './disk-removals.ts';
import { disksPort, poolVolumesOf } from './disks-port.ts';
import { diskHealthPort, watchDisks } from './disk-health-port.ts';
import { mediaOfBox } from './media-part.ts';
import { noticeDesk, noticesPort } from './notices-part.ts';
import { PartList } from './part-list.ts';
import { recordPlanOf } from './plan-of.ts';
import { PrivilegedPart } from './privileged-part.ts';
import { probeVia } from './probe.ts';
import { ProblemDesk } from './problem-desk.ts';
import { rtspServerOf } from './rtsp-part.ts';
import { settingsPort } from './settings-port.ts';
import { SpaceAnswers } from './space-answers.ts';
import { SpacePart } from './space-part.ts';
import { spacePolicyOf } from './space-port.ts';
import { BoxStatusReader } from './status.ts';
import { stateOfBox } from './state-part.ts';
import { SupportWatch } from './support-watch.ts';
import { SystemdNotifier } from './systemd.ts';
import { terminalsOfBox } from './terminals-part.ts';
import { tellShutDoors, WebPart } from './web-part.ts';

export interface RunOptions {
  readonly dataFolder: string;
  /** Instead of the setting http.port. */
  readonly port?: number | undefined;
  readonly version: string;
  /** The last day on which this release is looked after, as YYYY-MM-DD. */
  readonly supportedUntil: string;
  /** The box has to end and begin anew: it is to be as it came from the factory. */
  readonly beginAnew: () => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** By then the box is down, even if a disk hangs. */
const STOP_MS = 10_000;

/** The box at work. Its start reads as its table of contents. */
export class RunningBox {
  readonly #options: RunOptions;
  #parts: PartList | undefined;
  #lock: FolderLock | undefined;
  #log: Logger | undefined;
  #webDoor: WebDoor | undefined;
  #recorder: Recorder | undefined;
  #accounts: Accounts | undefined;
  #rtspServer: RtspServer | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Where this machine finds the window without TLS; undefined while another program has the port. */
  get url(): string | undefined {
    return this.#webDoor!.url;
  }

  /** Where others find the box; undefined while another program has the port. */
  get secureUrl(): string | undefined {
    return this.#webDoor!.shownUrl;
  }

  /** What the first administrator must know; undefined once the box has been set up. */
  get claimCode(): string | undefined {
    return this.#accounts?.firstRun.code;
  }

  /** False if something still hangs in the kernel after `stop`. */
  get stoppedClean(): boolean {
    return this.#recorder?.stoppedClean ?? true;
  }

  /** Resolves when the box records and answers. Rejects with control.already-running, config.*, and http.port-in-use of a port that was asked for. */
  readonly start = firstPromise(async () => {
    const { dataFolder, environment, version, supportedUntil } = this.#options;
    this.#lock = await FolderLock.take(dataFolder);
    await carryOutReset(dataFolder);
    const store = await SettingsStore.open(dataFolder);
    const known = await KnownVolumes.open(store.folder);
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const logger = createLogger({ level: store.settings.log.level, thread: 'main', blocking: false });
    this.#log = logger;
    const log = (event: string, detail: Record<string, unknown>): void => logger.info(detail, event);
    const problems = new Problems(systemClock);
    const problemDesk = new ProblemDesk(problems);
    const homes = await CameraHomes.open(store.folder, (error) => log('homes.failed', { reason: String(error) }));
    if (store.fault) problems.raise(store.fault.code, 'box', 'error', store.fault.context);
    const rules = (): CameraAddressRules =>
      cameraRulesOf(store.settings, environment, [
        ...(this.#webDoor?.listening ?? []),
        ...(this.#rtspServer?.listening ?? []),
      ]);
    const plan = (): RecordPlan => recordPlanOf(store, known.ids, rules());
    const addresses = new CameraAddresses(rules());
    const parts = new PartList(log);
    this.#parts = parts;

    const answers = new SpaceAnswers(store.folder);
    await answers.load().catch((error: unknown) => log('space.answers-unreadable', { reason: String(error) }));
    const time = new KnownTimeFile(store.folder);
    await time.load().catch((error: unknown) => log('space.time-unreadable', { reason: String(error) }));
    const recording = Promise.withResolvers<void>();
    const catalogue = new CataloguePart({
      dataFolder: store.folder,
      policyOf: (folders) => spacePolicyOf(store, folders, answers, time.known),
      feed: (port) => recorder.setFeed(port),
      after: recording.promise,
      failed: ({ code, context }) => problems.raise(code, 'box', 'error', context),
      log,
    });
    const recorder = new Recorder(
      {
        box: store.settings.box.id,
        boot,
        logLevel: store.settings.log.level,
        plan: plan(),
        homes: homes.homes,
        sparings: [],
      },
      {
        problem: (subject, topic, error) => problemDesk.tell(subject, topic, error),
        volume: (id, uuid) => {
          known
            .note(id, uuid)
            .catch((error: unknown) => log('volume.not-noted', { volume: id, reason: String(error) }));
        },
        certificate: (camera, fingerprint) => terminals.certificate(camera, fingerprint),
        left: (_id, uuid) => catalogue.detach(uuid),
        homes: (now) => homes.note(now),
        catalogue: async (ask, args) => {
          const answer = await catalogue.answer(ask, args);
          if (ask === 'attach') jobs.attached(answer);
          return answer;
        },
        began: () => catalogue.renewFeed(),
        ready: () => recording.resolve(),
        log,
      },
      STOP_MS,
    );
    this.#recorder = recorder;
    const orders = await CopyingOrders.open(store.folder);
    const jobs = new JobsPart({ store, known, recorder, catalogue, problems, orders, log });
    const privileged = new PrivilegedPart(environment);
    const volumes = (): ReturnType<typeof poolVolumesOf> => poolVolumesOf(store);
    const removals = await DiskRemovals.open(store.folder, new Set(volumes().map(({ id }) => id)));
    const arrivals = new DiskArrivals({ privileged, volumes, removals, clock: systemClock, log });
    const copyOff = (volume: string): Promise<unknown> =>
      jobs.port.evacuate(volume, { what: 'all', remove: false, by: '' });
    const health = watchDisks({ store, recorder, privileged, problems, copyOff, log });
    const desk = noticeDesk(store, problems, () => this.#webDoor!.listening, log);
    const space = new SpacePart({ store, catalogue, answers, time, problems, clock: systemClock, log });
    const audit = new AuditPart({ store, problems, version, boot, log });
    const state = stateOfBox({ dataFolder: store.folder, version, recorder, audit, log });
    const accounts = await openAccounts({ store, audit, problems, log });
    this.#accounts = accounts;
    const status = new BoxStatusReader({
      store,
      recorder,
      catalogue,
      problems,
      version,
      supportedUntil,
      isTrusted: (camera) => terminals.isTrusted(camera),
      steeredBy: (camera) => terminals.steeredBy(camera),
    });
    const assured = await assuredBox({ store, catalogue, recorder, problems, log });
    const web = new WebPart({
      store,
      version,
      port: this.#options.port,
      log,
      shut: (reasons) => tellShutDoors(problems, reasons),
    });
    const isTrusted = (camera: string): boolean => terminals.isTrusted(camera);
    const media = mediaOfBox({ store, recorder, catalogue, audit, isTrusted, log });
    const probe = probeVia(addresses);
    const terminals = terminalsOfBox({
      store,
      addresses,
      recorder,
      problems,
      audit,
      probe,
      forecast: () => assured.ports.planning.show(),
      loopback: rules().loopback,
      log,
    });
    const { certificate } = web;
    const rtspServer = rtspServerOf({ store, accounts, streams: media.streams, certificate, problems, log });
    this.#rtspServer = rtspServer;
    const control = new Control(
      {
        settings: settingsPort(store),
        // The answer goes out first.
        reset: resetPort(store, () => setImmediate(this.#options.beginAnew)),
        accounts,
        footage: {
          ...footageReads(catalogue),
          verify: () => Promise.reject(new BoxError('control.box-runs', { operation: 'verify' })),
          rebuild: () => Promise.reject(new BoxError('control.box-runs', { operation: 'rebuild' })),
        },
        recorder: {
          status: () => status.read(),
          manual: (camera, on) => recorder.ask('manual', { camera, on }),
          event: async (camera, kind) => {
            terminals.told(camera, kind);
            await recorder.ask('event', { camera, kind });
          },
          watch: (camera, stream, seconds) => recorder.watch(camera, stream, seconds),
        },
        ...assured.ports,
        space: space.port,
        disks: disksPort({
          store,
          known,
          privileged,
          removals,
          recorded: () => recordedCameras(catalogue),
          quiet: (ids) => jobs.quiet(ids),
          log,
        }),
        diskHealth: diskHealthPort(health, () => systemClock.wallUs()),
        diskJobs: jobs.port,
        notices: noticesPort(store, desk),
        config: configPort(store),
        log: audit.port,
        state: state.port,
        exports: media.exports,
        exportQuota: media.exportQuota,
        picture: media.picture,
        conversion: media.conversion,
        rtsp: rtspServer.port,
        views: await ViewBook.open(store.folder),
        ...web.ports,
        terminals: terminals.port,
        ptz: terminals.ptz,
        probe,
      },
      { online: true, audit },
    );
    const apply = (): void => {
      addresses.apply(rules());
      recorder.apply(plan()).catch((error: unknown) => log('plan.not-applied', { reason: String(error) }));
    };
    store.listen(() => {
      apply();
      void rtspServer.apply().then(apply);
      catalogue.applyPolicy().catch((error: unknown) => log('space.policy-not-applied', { reason: String(error) }));
    });
    this.#webDoor = web.door(
      control,
      { diskJobs: jobs.port },
      {
        accounts,
        status: () => status.read(),
        metrics: (sees) => state.metrics(sees),
        media: media.desk,
        left: ({ id }) => terminals.left(id),
        downloads: media.downloads,
        ready: () => parts.unhealthy().length === 0,
      },
    );

    await parts.start(audit);
    const reset = await takeResetDone(store.folder);
    if (reset) audit.event('box.reset', 'warning', 'box', { ...reset });
    await parts.start(privileged);
    await parts.start(arrivals);
    await parts.start(catalogue);
    await parts.start(recorder);
    await parts.start(jobs.jobs);
    await parts.start(space);
    await parts.start(assured.assurance);
    await parts.start(assured.planning);
    await parts.start(terminals.part);
    await parts.start(health);
    await parts.start(state.part);
    await parts.start(new SocketDoor(control, store.folder));
    await parts.start(this.#webDoor);
    await parts.start(rtspServer);
    // Only now is it known which ports are the box's own, at which no camera may be.
    apply();
    await parts.start(desk);
    await parts.start(new SupportWatch(supportedUntil, problems, systemClock));
    await parts.start(new SystemdNotifier(environment, () => parts.unhealthy().length === 0, log));
    tidyHeapAfterStart();
  });

  /** Finishes all files and ends; by the deadline even if a disk hangs. */
  readonly stop = firstPromise(async () => {
    await this.#parts?.stop();
    await this.#accounts?.stop();
    await this.#lock?.release();
    this.#log?.flush();
  });
}
