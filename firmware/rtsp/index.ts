/** The wire to the cameras: RTSP, RTP, and what comes out of them as frames. Runs in: the record worker. */
export type { SessionFigures, SessionSink, RtspDeps } from './attempt.ts';
export { CameraLink, type LinkDeps, type LinkSink, type LinkState } from './camera-link.ts';
export type { MediaCodec, MediaDescription, SessionDescription } from './description.ts';
export type { Lower } from './handshake.ts';
export type { TrackFigures } from './media-plane.ts';
export type { ProbeReport, ProbeWarning } from './probe-report.ts';
export { probeCamera, type ProbeDeps } from './probe.ts';
export { ReadBeat } from './read-beat.ts';
export type { SessionClock } from './rtp/session-clock.ts';
export { RtspSession } from './session.ts';
export { resolveTarget, type CameraTarget, type SessionLimits, type Transport } from './target.ts';
export { parseHead, serializeResponse, type RtspRequest } from './message.ts';
export type { CameraUrl } from './url.ts';
