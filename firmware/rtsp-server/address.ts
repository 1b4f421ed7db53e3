/** What the address of a request names: `/<camera>/<stream>/trackID=<n>`, of which the latter two may be missing. */
export interface Target {
  /** `rtsp://host:port` as the player wrote it; empty if it wrote a path only. */
  readonly origin: string;
  readonly camera: string;
  readonly stream: string | undefined;
  readonly track: number | undefined;
}

const ADDRESS =
  /^(rtsps?:\/\/[^/?#@\s]{1,300})?\/([a-z0-9-]{1,40})(?:\/([a-z0-9-]{1,40}))?(?:\/trackID=(\d{1,2}))?\/?$/i;

/** Undefined for an address that names nothing; a query says nothing here and is left out. */
export function targetOf(url: string): Target | undefined {
  const found = ADDRESS.exec(url.replace(/\?[^/]*(?=\/|$)/, ''));
  if (!found) return undefined;
  const [, origin = '', camera = '', stream, track] = found;
  return { origin, camera, stream, track: track === undefined ? undefined : Number(track) };
}

/** Whether the address that a player has hashed is about what it asks for; players hash the track, the stream or the path. */
export function isAbout(hashed: string, asked: Target): boolean {
  const target = targetOf(hashed);
  return target !== undefined && target.camera === asked.camera && (target.stream ?? asked.stream) === asked.stream;
}
