import { asBoxError, BoxError, type CredentialGuard } from '../base/index.ts';
import type { Frame } from '../media/index.ts';
import type { RtspDeps } from './attempt.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import type { ProbeReport } from './probe-report.ts';
import { ProbeWitness } from './probe-witness.ts';
import { RtspSession } from './session.ts';
import { resolveTarget, type CameraTarget, type SessionLimits } from './target.ts';

export interface ProbeDeps extends RtspDeps {
  readonly guard: CredentialGuard;
  readonly limits?: Partial<SessionLimits>;
}

/**
 * Watches a camera for some seconds and reports what it sends. Never rejects for reasons of the camera: the error is part of
 * the report. Goes through the guard, so trying a wrong password by hand cannot lock the account either.
 * @throws BoxError rtsp.bad-url
 */
export async function probeCamera(
  target: CameraTarget,
  options: { seconds: number; signal?: AbortSignal },
  deps: ProbeDeps,
): Promise<ProbeReport> {
  const resolved = resolveTarget(target);
  const { credentials, url } = resolved;
  const login = credentials && deps.guard.key(url.host, url.port, credentials);
  const witness = new ProbeWitness();
  if (login !== undefined && deps.guard.blockedMs(login) > 0) {
    const nextTryMs = deps.guard.blockedMs(login);
    const { host, port } = url;
    return witness.report(undefined, new BoxError('rtsp.unauthorized', { host, port, confirmed: true, nextTryMs }));
  }
  const sink = {
    description: (description: SessionDescription): void => {
      if (login !== undefined) deps.guard.accepted(login);
      witness.description = description;
    },
    playing: (tracks: readonly MediaDescription[]): void => {
      witness.tracks = tracks;
    },
    frame: (frame: Frame): void => witness.frame(frame),
    note: (code: string, detail?: Record<string, unknown>): void => witness.note(code, detail),
  };
  const session = new RtspSession(resolved, deps, sink, { awake: true, ...(deps.limits && { limits: deps.limits }) });
  const timeUp = AbortSignal.timeout(options.seconds * 1000);
  try {
    await session.run(options.signal ? AbortSignal.any([timeUp, options.signal]) : timeUp);
    return witness.report(session.figures);
  } catch (error) {
    const failure = asBoxError(error, 'box.bug');
    if (login !== undefined && failure.code === 'rtsp.unauthorized' && failure.context.confirmed === true) {
      deps.guard.refused(login);
    }
    return witness.report(session.figures, failure);
  }
}
