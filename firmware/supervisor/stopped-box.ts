import { existsSync } from 'node:fs';
import { Accounts } from '../accounts/index.ts';
import { BoxError, CameraAddresses, systemClock } from '../base/index.ts';
import { FolderLock } from '../cli/index.ts';
import { SettingsStore } from '../config/index.ts';
import { beginsBox, Control, LOCAL } from '../control/index.ts';
import { stoppedAudit } from './audit-part.ts';
import { AssuranceBooks } from './assurance-part.ts';
import { footageReads, recordedCameras } from './footage.ts';
import { cameraRulesOf } from './camera-rules.ts';
import { configPort } from './config-port.ts';
import { DiskRemovals } from './disk-removals.ts';
import { disksPort } from './disks-port.ts';
import { KnownVolumes } from './known-volumes.ts';
import { carryOutReset, resetPort } from './factory-reset.ts';
import { ViewBook } from '../live/index.ts';
import { openNoBox } from './no-box.ts';
import { noticesPort } from './notices-part.ts';
import { PrivilegedPart } from './privileged-part.ts';
import { probeVia } from './probe.ts';
import { settingsPort } from './settings-port.ts';
import { lockPortOf } from './space-port.ts';
import { stoppedPtz, stoppedTerminals } from './stopped-terminals.ts';
import { StoppedCatalogue } from './stopped-catalogue.ts';

/**
 * Operations on the data folder of a stopped box. The folder is locked meanwhile, so that no box starts in between. `operation`
 * is the first that will be asked: only one that may begin a new box makes a folder that is not there.
 */
export async function openStoppedBox(
  dataFolder: string,
  operation: string,
): Promise<{ call(operation: string, input: unknown): Promise<unknown>; close(): Promise<void> }> {
  if (!existsSync(dataFolder) && !beginsBox(operation)) return openNoBox(dataFolder);
  const lock = await FolderLock.take(dataFolder);
  // One that was cut off.
  await carryOutReset(dataFolder);
  const { store, known, removals } = await openState(dataFolder, lock);
  const desk = new StoppedCatalogue(store);
  const privileged = new PrivilegedPart(process.env);
  const log = (): void => undefined;
  const audit = stoppedAudit(store);
  const accounts = await Accounts.open({ dataFolder: store.folder, clock: systemClock, audit, log });
  const notRunning = (): Promise<never> => Promise.reject(new BoxError('control.not-running', { folder: dataFolder }));
  const notNow = (): never => {
    throw new BoxError('control.not-running', { folder: dataFolder });
  };
  const control = new Control(
    {
      settings: settingsPort(store),
      // It is done when everything is closed.
      reset: resetPort(store, () => undefined),
      accounts,
      footage: {
        ...footageReads(desk),
        verify: (options) => desk.verify(options),
        rebuild: () => desk.rebuild(),
      },
      recorder: { status: notRunning, manual: notRunning, event: notRunning, watch: notRunning },
      space: {
        show: notRunning,
        answer: notRunning,
        clock: notRunning,
        locks: () => lockPortOf(desk).locks(),
        lock: notRunning,
        unlock: notRunning,
      },
      disks: disksPort({ store, known, privileged, removals, recorded: () => recordedCameras(desk), log }),
      notices: noticesPort(store),
      config: configPort(store),
      log: audit.port,
      exports: { prepare: notRunning, list: notNow, discard: notNow, key: notRunning },
      exportQuota: { allowed: notNow, check: notNow },
      picture: notRunning,
      conversion: notRunning,
      views: await ViewBook.open(store.folder),
      state: { now: notNow, series: notNow, history: notRunning, terminals: notNow },
      rtsp: { show: notNow },
      certificate: { show: notNow, replace: notRunning, makeOwn: notRunning },
      jobs: { list: () => [], end: notRunning },
      diskJobs: {
        evacuate: notRunning,
        stopEvacuation: notRunning,
        check: notRunning,
        list: notRunning,
        end: notRunning,
      },
      planning: { show: notRunning, propose: notRunning, apply: notRunning },
      assurance: {
        report: async (wanted, sees) =>
          (await AssuranceBooks.open(store.folder, desk)).port(store, systemClock).report(wanted, sees),
      },
      diskHealth: { list: notRunning },
      terminals: await stoppedTerminals(store, notRunning, notNow),
      ptz: stoppedPtz(notRunning),
      probe: probeVia(new CameraAddresses(cameraRulesOf(store.settings, process.env))),
    },
    { online: false, audit },
  );
  return {
    call: (operation, input) => control.call(operation, input, LOCAL),
    close: async () => {
      await accounts.stop();
      await audit.stop();
      await privileged.stop();
      await desk.close();
      await carryOutReset(store.folder);
      await lock.release();
    },
  };
}

async function openState(
  dataFolder: string,
  lock: FolderLock,
): Promise<{ store: SettingsStore; known: KnownVolumes; removals: DiskRemovals }> {
  try {
    const store = await SettingsStore.open(dataFolder);
    const used = new Set(store.settings.volumes.map(({ id }) => id));
    const removals = await DiskRemovals.open(store.folder, used);
    return { store, known: await KnownVolumes.open(store.folder), removals };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
