import { systemClock, type BoxError } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { allJobs, Control, JobDesk, type BoxPorts } from '../control/index.ts';
import { BoxCertificate, WebDoor, type WebPorts } from '../http/index.ts';
import type { Problems } from '../telemetry/index.ts';

export interface WebSources {
  readonly store: SettingsStore;
  readonly version: string;
  /** Instead of the setting http.port; 0 takes free ports for both doors. */
  readonly port: number | undefined;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
  /** Why doors are shut; none if all are open. */
  readonly shut: (reasons: readonly BoxError[]) => void;
}

/** The web door and what it shares with operations: the certificate and the jobs. */
export class WebPart {
  readonly certificate: BoxCertificate;
  readonly jobs = new JobDesk();
  readonly #sources: WebSources;

  constructor(sources: WebSources) {
    this.#sources = sources;
    const { store } = sources;
    this.certificate = new BoxCertificate({
      folder: store.folder,
      boxName: () => store.settings.box.name,
      moreNames: () => store.settings.https.names,
      nowMs: () => systemClock.wallUs() / 1000,
    });
  }

  /** What operations ask for. */
  get ports(): Pick<BoxPorts, 'certificate' | 'jobs'> {
    return { certificate: this.certificate, jobs: this.jobs };
  }

  door(
    control: Control,
    box: Pick<BoxPorts, 'diskJobs'>,
    rest: Pick<WebPorts, 'accounts' | 'status' | 'metrics' | 'ready' | 'media' | 'left' | 'downloads'>,
  ): WebDoor {
    const { store, version, port, log, shut } = this.#sources;
    const { http, https } = store.settings;
    const ports: WebPorts = {
      operations: Control.describe(),
      call: (operation, input, caller, task) => control.call(operation, input, caller, task),
      refused: (operation, caller, code) => control.refused(operation, caller, code),
      jobs: {
        begin: (operation, by, work) => this.jobs.begin(operation, by, work),
        list: () => allJobs({ jobs: this.jobs, diskJobs: box.diskJobs }),
      },
      ...rest,
      securityContact: () => store.settings.https.securityContact,
      version,
      log,
    };
    return new WebDoor(ports, {
      plain: { host: http.host, port: port ?? http.port, insists: port !== undefined },
      secure: { host: https.host, port: port === 0 ? 0 : https.port },
      redirect: https.redirectPort === 0 ? undefined : { host: https.host, port: https.redirectPort },
      certificate: this.certificate,
      shut,
    });
  }
}

const SHUT = ['http.port-in-use', 'http.certificate-unusable'] as const;

/** Doors that are shut are problems; those that have opened since are none any more. */
export function tellShutDoors(problems: Problems, reasons: readonly BoxError[]): void {
  for (const code of SHUT) if (!reasons.some((reason) => reason.code === code)) problems.clear(code, 'box');
  for (const { code, context } of reasons) problems.raise(code, 'box', 'warning', context);
}
