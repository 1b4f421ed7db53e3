import type { CameraAddressRules } from '../base/index.ts';
import type { CameraSettings, Settings, SettingsStore } from '../config/index.ts';
import type { CameraPlan, RecordPlan, VolumePlan } from '../recording/index.ts';

/** What the record worker needs to know of the settings. `known`: ids of the volumes that have been used before. */
export function recordPlanOf(
  store: SettingsStore,
  known: ReadonlySet<string>,
  addresses: CameraAddressRules,
): RecordPlan {
  const { settings } = store;
  const { napMs, fragmentMs, segmentMaxBytes, queueMaxBytes, preRecordMaxBytes, heldGopMaxBytes } = settings.recording;
  const { liveHeldMaxBytes } = settings.recording;
  return {
    addresses,
    napMs,
    fragmentMs,
    segmentMaxBytes,
    queueMaxBytes,
    preRecordMaxBytes,
    heldGopMaxBytes,
    liveHeldMaxBytes,
    watchOnly: watchOnlyOf(settings),
    cameras: cameraPlansOf(settings),
    volumes: volumePlansOf(store, known),
  };
}

/** The cameras that are recorded. */
export function cameraPlansOf(settings: Settings): CameraPlan[] {
  return settings.cameras
    .filter((camera) => camera.enabled && camera.streams.some(({ record }) => record))
    .map((camera) => cameraPlanOf(camera, settings));
}

/** What can be watched and is not recorded. */
function watchOnlyOf({ cameras }: Settings): RecordPlan['watchOnly'] {
  return cameras
    .filter(({ enabled }) => enabled)
    .flatMap(({ id: camera, username, password, tls, identity, keepAliveS, streams }) =>
      streams
        .filter(({ record }) => !record)
        .map(({ id: stream, url, transport }) => {
          const login = { username, password, verifyTls: tls.verify, pin: identity.streamCertificate };
          return { camera, stream, url, transport, ...login, keepAliveS };
        }),
    );
}

function volumePlansOf(store: SettingsStore, known: ReadonlySet<string>): VolumePlan[] {
  return store.settings.volumes.map((volume) => ({
    id: volume.id,
    folder: store.volumeFolder(volume),
    adopt: !known.has(volume.id) && !volume.readOnly,
    group: volume.group,
    readOnly: volume.readOnly,
    budgetBytes: volume.budgetBytes,
    recoveryPointMs: volume.recoveryPointMs,
    sync: volume.sync,
  }));
}

function cameraPlanOf(camera: CameraSettings, settings: Settings): CameraPlan {
  const { id, name, username, password, mode, schedule, preRecordS, postRecordS, group, copies } = camera;
  return {
    id,
    name: name || id,
    username,
    password,
    verifyTls: camera.tls.verify,
    pin: camera.identity.streamCertificate,
    keepAliveS: camera.keepAliveS,
    policy: { mode, schedule: [...schedule], timeZone: settings.site.timeZone, postRecordS },
    preRecordS,
    segmentSeconds: camera.segmentSeconds ?? settings.recording.segmentSeconds,
    group,
    copies,
    streams: camera.streams
      .filter(({ record }) => record)
      .map(({ id: stream, url, transport }) => ({ id: stream, url, transport })),
  };
}
