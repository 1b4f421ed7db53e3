/** What the path of a segment's file tells (volume-paths.ts makes it). */
export interface SegmentPlace {
  path: string;
  camera: string;
  stream: string;
  sequence: number;
  /** The whole second in its name, UTC microseconds, as the box believed when it created the file. */
  secondUs: number;
}

const PATH =
  /^video\/([a-z0-9-]{1,40})\/([a-z0-9-]{1,40})\/(\d{4}-\d{2}-\d{2})\/(\d{2})-(\d{2})-(\d{2})-(\d{8,15})\.mp4$/;

/** Undefined for the path of anything else. */
export function parseSegmentPath(path: string): SegmentPlace | undefined {
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, camera, stream, date, hour, minute, second, sequence] = match as unknown as string[];
  const secondMs = Date.parse(`${date!}T${hour!}:${minute!}:${second!}Z`);
  if (Number.isNaN(secondMs)) return undefined;
  return { path, camera: camera!, stream: stream!, sequence: Number(sequence), secondUs: secondMs * 1000 };
}
